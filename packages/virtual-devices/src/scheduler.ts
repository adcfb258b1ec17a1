/** The time a device lives in. A test passes a simulated one and moves it; a process passes the system's. */
export interface Scheduler {
  /** Milliseconds since some fixed moment, never going back. */
  now(): number;
  /** Runs `task` once, `delayMs` from now; the answer cancels it and may be called at any time. */
  after(delayMs: number, task: () => void): () => void;
}

/** The machine's own monotonic clock. Waiting tasks do not keep a process alive. */
export function systemScheduler(): Scheduler {
  return {
    now: () => performance.now(),
    after(delayMs, task) {
      const timer = setTimeout(task, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

/** A clock that stands still until it is moved. */
export interface SimulatedScheduler extends Scheduler {
  /** Moves the time on by `ms`, running what falls due in its order, tasks that others started meanwhile included. */
  advance(ms: number): void;
}

export function simulatedScheduler(startMs = 0): SimulatedScheduler {
  let now = startMs;
  let waiting: { readonly dueMs: number; readonly task: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, task) {
      const entry = { dueMs: now + Math.max(0, delayMs), task };
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
        next.task();
      }
      now = end;
    },
  };
}
