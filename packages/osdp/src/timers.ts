/** Monotonic time and timers, injected so that tests own both. */
export interface Timers {
  /** Milliseconds since an arbitrary moment, never going back, fractions allowed. */
  now(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels and may be called at any time. */
  set(delayMs: number, run: () => void): () => void;
}

/** The process's own monotonic clock and timers. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  set(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
