import { makeTokenBuckets, type RateLimit } from "@menshen/service-kit";
import type { Clock } from "../../clock.ts";
import { refusal } from "../../errors.ts";

export type { RateLimit };

/** As `makeTokenBuckets`; an attempt too many is `rate-limited`. */
export function makeRateLimit(clock: Clock, burst: number, refillMs: number): RateLimit {
  return makeTokenBuckets(clock.now, burst, refillMs, (retryAfterSeconds) =>
    refusal("rate-limited", `too many attempts: try again in ${retryAfterSeconds} s`, {
      retryAfterSeconds,
    }),
  );
}
