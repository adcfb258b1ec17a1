import type { Cancel, ClockSource } from "../clock/clock-source.ts";

/** Tells a door's movements from a contact that flickers. */
export interface ContactFilter {
  /** What the input says, as often as it says it. */
  reported(open: boolean): void;
  /** Nobody knows how the door stands: the door's rules go by none of what the contact says. */
  isChattering(): boolean;
  stop(): void;
}

/** Nobody opens and shuts a door four times in three seconds; a turnstile lets two persons through in that time. */
const CHANGES = 8;
const WITHIN_MS = 3_000;
/** A contact that says the same for so long is believed again. */
const STEADY_MS = 5_000;

/**
 * @param options.pass takes what may be believed: each change at once until the contact flickers, and what it rests at
 *   afterwards
 * @param options.told it began to flicker, or stands still again; before `pass` hears how
 */
export function makeContactFilter(options: {
  readonly source: Pick<ClockSource, "monotonicMs" | "schedule">;
  readonly pass: (open: boolean) => void;
  readonly told: (isChattering: boolean) => void;
}): ContactFilter {
  const { source, pass, told } = options;
  let last: boolean | undefined;
  let changes: number[] = [];
  let isChattering = false;
  let settle: Cancel = () => undefined;

  function settleLater(open: boolean, nowMs: number): void {
    settle();
    settle = source.schedule(nowMs + STEADY_MS, () => {
      isChattering = false;
      changes = [];
      told(false);
      pass(open);
    });
  }

  return {
    reported(open) {
      if (open === last) return;
      last = open;
      const nowMs = source.monotonicMs();
      changes = [...changes.filter((at) => nowMs - at < WITHIN_MS), nowMs].slice(-CHANGES);
      if (!isChattering && changes.length >= CHANGES) {
        isChattering = true;
        told(true);
      }
      if (isChattering) settleLater(open, nowMs);
      else pass(open);
    },
    isChattering: () => isChattering,
    stop: () => settle(),
  };
}
