/** Where use cases take the time from, in Unix milliseconds; tests give their own. */
export interface Clock {
  readonly now: () => number;
}

export const systemClock: Clock = { now: () => Date.now() };
