import type { Timers } from "@menshen/osdp";

/** A clock that stands still until it is moved. */
export interface SimulatedTimers extends Timers {
  /** Moves the time on by `ms`, running what falls due in its order, tasks that others started meanwhile included. */
  advance(ms: number): void;
}

/** Timers for devices that live faster, slower or more exactly than the machine's own clock. */
export function simulatedTimers(startMs = 0): SimulatedTimers {
  let now = startMs;
  let waiting: { readonly dueMs: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    set(delayMs, run) {
      const entry = { dueMs: now + Math.max(0, delayMs), run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = waiting.filter(({ dueMs }) => dueMs <= end);
        const next = due.reduce<(typeof due)[number] | undefined>(
          (first, entry) => (first === undefined || entry.dueMs < first.dueMs ? entry : first),
          undefined,
        );
        if (next === undefined) break;
        waiting = waiting.filter((entry) => entry !== next);
        now = next.dueMs;
        next.run();
      }
      now = end;
    },
  };
}
