import type { Timers } from "./timers.ts";

/** A clock that stands still until a test moves it. */
export interface ManualTimers extends Timers {
  /**
   * Moves time forward, running each timer at its moment; between timers everything that waits on resolved promises
   * gets its turn.
   */
  advance(byMs: number): Promise<void>;
  /** Lets promise reactions run without moving time. */
  settle(): Promise<void>;
  readonly pendingTimers: number;
}

export function makeManualTimers(startMs = 0): ManualTimers {
  let nowMs = startMs;
  let timers: { readonly dueMs: number; readonly run: () => void }[] = [];

  async function settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    now: () => nowMs,
    set(delayMs, run) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await settle();
      for (;;) {
        const next = timers.filter(({ dueMs }) => dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined) break;
        nowMs = Math.max(nowMs, next.dueMs);
        timers = timers.filter((other) => other !== next);
        next.run();
        await settle();
      }
      nowMs = untilMs;
    },
    settle,
    get pendingTimers() {
      return timers.length;
    },
  };
}
