import type { Clock } from "../../clock.ts";
import { refusal } from "../../errors.ts";

/** Counts attempts and refuses those above a limit. */
export interface RateLimit {
  /** Takes one attempt for `key`; throws `rate-limited` with the seconds to wait. */
  readonly take: (key: string) => void;
}

/** More keys than this and the oldest are forgotten: an attacker with many addresses must not fill the memory. */
const MAX_KEYS = 10_000;

/**
 * A token bucket per key: `burst` attempts at once, then one each `refillMs`. Held in memory: a restart forgets, which
 * costs an attacker more than it gives.
 */
export function makeRateLimit(clock: Clock, burst: number, refillMs: number): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(key) {
      const now = clock.now();
      const bucket = buckets.get(key) ?? { tokens: burst, at: now };
      buckets.delete(key);
      const refilled = Math.min(burst, bucket.tokens + Math.max(0, now - bucket.at) / refillMs);
      const granted = refilled >= 1;
      buckets.set(key, { tokens: granted ? refilled - 1 : refilled, at: now });
      if (buckets.size > MAX_KEYS) {
        const oldest = buckets.keys().next();
        if (!oldest.done) buckets.delete(oldest.value);
      }
      if (granted) return;
      const retryAfterSeconds = Math.ceil(((1 - refilled) * refillMs) / 1000);
      throw refusal("rate-limited", `too many attempts: try again in ${retryAfterSeconds} s`, {
        retryAfterSeconds,
      });
    },
  };
}
