import type { OutputControl, Timers } from "@menshen/osdp";

/** Relays of a peripheral as osdp_OUT drives them (SIA OSDP v2.2 §6.10, table "output control codes"). */
export interface Outputs {
  /** 1 energised, 0 not, one per output. */
  readonly states: readonly number[];
  /** False, and nothing changes, if an output or a control code does not exist. */
  apply(controls: readonly OutputControl[]): boolean;
  /** All off: the power went. */
  off(): void;
  /** A welded or dead relay: it stays as it is, whatever it is told. */
  setStuck(output: number, stuck: boolean): void;
}

const TICK_MS = 100;
const HIGHEST_CONTROL = 6;

/** @param onChange told of each output that changed, also when its time ended */
export function makeOutputs(
  timers: Timers,
  count: number,
  onChange: (output: number, on: boolean) => void,
): Outputs {
  /** What an output falls back to when its timed state ends, and how to stop the clock. */
  const relays = Array.from({ length: count }, () => ({
    on: false,
    permanent: false,
    stuck: false,
    cancel: undefined as (() => void) | undefined,
  }));

  const set = (output: number, on: boolean) => {
    const relay = relays[output];
    if (relay === undefined || relay.on === on || relay.stuck) return;
    relay.on = on;
    onChange(output, on);
  };

  const applyOne = ({ output, control, timerTicks }: OutputControl) => {
    const relay = relays[output];
    if (relay === undefined || control === 0) return;
    const timed = control >= 5;
    const on = control === 2 || control === 4 || control === 5;
    // Codes 3 and 4 let a running time end first.
    const waits = (control === 3 || control === 4) && relay.cancel !== undefined;
    if (!timed) relay.permanent = on;
    if (waits) return;
    relay.cancel?.();
    relay.cancel = undefined;
    set(output, on);
    if (!timed || timerTicks === 0) return;
    relay.cancel = timers.set(timerTicks * TICK_MS, () => {
      relay.cancel = undefined;
      set(output, relay.permanent);
    });
  };

  return {
    get states() {
      return relays.map(({ on }) => (on ? 1 : 0));
    },
    apply(controls) {
      const known = controls.every(
        ({ output, control }) => output < count && control >= 0 && control <= HIGHEST_CONTROL,
      );
      if (known) controls.forEach(applyOne);
      return known;
    },
    setStuck(output, stuck) {
      const relay = relays[output];
      if (relay !== undefined) relay.stuck = stuck;
    },
    off() {
      relays.forEach((relay, output) => {
        relay.cancel?.();
        relay.cancel = undefined;
        relay.permanent = false;
        set(output, false);
      });
    },
  };
}
