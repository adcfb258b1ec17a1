/** Counts attempts and refuses those above a limit. */
export interface RateLimit {
  /** Takes one attempt for `key`; throws what `refuse` makes if it is one too many. */
  readonly take: (key: string) => void;
}

/** More keys than this and the oldest are forgotten: an attacker with many addresses must not fill the memory. */
const MAX_KEYS = 10_000;

/**
 * A token bucket per key: `burst` attempts at once, then one each `refillMs`. Held in memory: a restart forgets, which
 * costs an attacker more than it gives.
 *
 * @param refuse what to throw, with the seconds to wait
 */
export function makeTokenBuckets(
  now: () => number,
  burst: number,
  refillMs: number,
  refuse: (retryAfterSeconds: number) => Error,
): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(key) {
      const at = now();
      const bucket = buckets.get(key) ?? { tokens: burst, at };
      buckets.delete(key);
      const refilled = Math.min(burst, bucket.tokens + Math.max(0, at - bucket.at) / refillMs);
      const granted = refilled >= 1;
      buckets.set(key, { tokens: granted ? refilled - 1 : refilled, at });
      if (buckets.size > MAX_KEYS) {
        const oldest = buckets.keys().next();
        if (!oldest.done) buckets.delete(oldest.value);
      }
      if (!granted) throw refuse(Math.ceil(((1 - refilled) * refillMs) / 1000));
    },
  };
}
