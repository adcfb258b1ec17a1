import { type Duration, Instant } from "@menshen/domain";
import type { Clock } from "../clock.ts";

/** A clock that stands still until told otherwise. */
export interface TestClock extends Clock {
  readonly advance: (by: Duration) => void;
}

/** 2026-11-23T08:00:00+08:00, a Monday. */
export const MONDAY_MORNING = Instant(Date.parse("2026-11-23T08:00:00+08:00"));

export function makeTestClock(start: Instant = MONDAY_MORNING): TestClock {
  let now = start;
  return {
    now: () => now,
    advance(by) {
      now = Instant(now + by);
    },
  };
}
