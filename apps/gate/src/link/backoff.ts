/** How long to wait before trying again: doubles from attempt to attempt, spread so that gates do not return at once. */
export interface Backoff {
  /** Milliseconds until the next attempt. */
  next(): number;
  /** It worked. */
  reset(): void;
}

/** @param random 0 ≤ x < 1 */
export function makeBackoff(minMs: number, maxMs: number, random: () => number = Math.random): Backoff {
  let baseMs = minMs;
  return {
    next() {
      const waitMs = Math.round(baseMs * (0.5 + random()));
      baseMs = Math.min(baseMs * 2, maxMs);
      return Math.min(waitMs, maxMs);
    },
    reset() {
      baseMs = minMs;
    },
  };
}
