import type { LedColour, LedControl, LedPattern, Timers } from "@menshen/osdp";

/** What somebody before the reader sees. */
export interface LampState {
  readonly colour: LedColour;
  /** The other colour of a blinking lamp. */
  readonly blinkColour?: LedColour;
}

/** A lamp as osdp_LED drives it: a temporary pattern for a time over a permanent one (SIA OSDP v2.2 §6.11). */
export interface Lamp {
  readonly state: LampState;
  apply(control: LedControl): void;
}

const TICK_MS = 100;
const BLACK: LedPattern = { onTicks: 0, offTicks: 0, onColour: 0, offColour: 0 };

export function makeLamp(timers: Timers, onChange: (state: LampState) => void): Lamp {
  let permanent = BLACK;
  let temporary: LedPattern | undefined;
  let cancel: (() => void) | undefined;
  let shown: LampState = { colour: 0 };

  const show = () => {
    const next = stateOf(temporary ?? permanent);
    if (next.colour === shown.colour && next.blinkColour === shown.blinkColour) return;
    shown = next;
    onChange(next);
  };
  const endTemporary = () => {
    cancel?.();
    cancel = undefined;
    temporary = undefined;
  };

  return {
    get state() {
      return shown;
    },
    apply(control) {
      if (control.permanent.control === 1) permanent = control.permanent;
      if (control.temporary.control === 1) endTemporary();
      if (control.temporary.control === 2) {
        endTemporary();
        temporary = control.temporary;
        // Timer 0: until told otherwise.
        if (control.temporary.timerTicks > 0) {
          cancel = timers.set(control.temporary.timerTicks * TICK_MS, () => {
            endTemporary();
            show();
          });
        }
      }
      show();
    },
  };
}

function stateOf({ onTicks, offTicks, onColour, offColour }: LedPattern): LampState {
  if (onTicks === 0) return { colour: offTicks === 0 ? onColour : offColour };
  if (offTicks === 0 || onColour === offColour) return { colour: onColour };
  return { colour: onColour, blinkColour: offColour };
}
