import { Instant } from "@menshen/domain";

/** Where use cases take the time from; tests give their own. */
export interface Clock {
  readonly now: () => Instant;
}

export const systemClock: Clock = { now: () => Instant(Date.now()) };
