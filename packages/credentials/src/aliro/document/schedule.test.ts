import { describe, expect, it } from "vitest";
import type { AccessRecurrence } from "./access-data.ts";
import { scheduleState } from "./schedule.ts";

const at = (text: string) => Date.parse(text) / 1000;
const HOUR_S = 3_600;
const END_S = at("2027-01-01T00:00:00Z");

/** The state of a schedule that begins on a Thursday, 2026-01-01, at 08:00. */
function state(recurrence: Partial<AccessRecurrence>, moment: string, utcOffsetS?: number) {
  const schedule = {
    startS: at("2026-01-01T08:00:00Z"),
    endS: END_S,
    recurrence: { durationS: 2 * HOUR_S, mask: 0, pattern: 1, interval: 1, ordinal: 0, ...recurrence },
    utc: utcOffsetS === undefined,
  };
  return scheduleState(schedule, at(moment), utcOffsetS ?? 0);
}

describe("a schedule", () => {
  it.each([
    ["its begin", "2026-01-01T08:00:00Z", "in"],
    ["before its begin", "2026-01-01T07:59:59Z", "out"],
    ["before its end", "2026-12-31T23:59:59Z", "in"],
    ["its end, which is not part of it", "2027-01-01T00:00:00Z", "out"],
  ])("without recurrence at %s", (_name, moment, expected) => {
    const schedule = { startS: at("2026-01-01T08:00:00Z"), endS: END_S, utc: true };
    expect(scheduleState(schedule, at(moment), 0)).toBe(expected);
  });

  const monday = { pattern: 2, mask: 0b000_0001 };
  const weekdays = { pattern: 2, mask: 0b001_1111 };
  const january = 1 << 7;
  it.each<[string, Partial<AccessRecurrence>, string, string]>([
    ["daily, in the hours", {}, "2026-03-05T09:59:59Z", "in"],
    ["daily, behind them", {}, "2026-03-05T10:00:00Z", "out"],
    ["every third day, on it", { interval: 3 }, "2026-01-04T08:00:00Z", "in"],
    ["every third day, beside it", { interval: 3 }, "2026-01-05T08:00:00Z", "out"],
    ["over midnight, the day after", { durationS: 20 * HOUR_S }, "2026-03-06T03:59:59Z", "in"],
    ["over midnight, before the first", { durationS: 20 * HOUR_S }, "2026-01-01T03:00:00Z", "out"],
    ["on Mondays, a Monday", monday, "2026-06-01T08:30:00Z", "in"],
    ["on Mondays, a Tuesday", monday, "2026-06-02T08:30:00Z", "out"],
    ["on weekdays, a Friday", weekdays, "2026-06-05T09:00:00Z", "in"],
    ["on weekdays, a Saturday", weekdays, "2026-06-06T09:00:00Z", "out"],
    ["every second week, that week", { ...monday, interval: 2 }, "2026-01-12T08:00:00Z", "in"],
    ["every second week, the other", { ...monday, interval: 2 }, "2026-01-05T08:00:00Z", "out"],
    ["second Monday of the month", { pattern: 3, mask: 1, ordinal: 2 }, "2026-06-08T08:00:00Z", "in"],
    ["second Monday, the first", { pattern: 3, mask: 1, ordinal: 2 }, "2026-06-01T08:00:00Z", "out"],
    ["last Monday of the month", { pattern: 3, mask: 1, ordinal: -1 }, "2026-06-29T08:00:00Z", "in"],
    ["on the 15th", { pattern: 4, mask: 1 << 14 }, "2026-06-15T08:00:00Z", "in"],
    ["on the 15th, the 16th", { pattern: 4, mask: 1 << 14 }, "2026-06-16T08:00:00Z", "out"],
    ["on the 31st", { pattern: 4, mask: 1 << 30 }, "2026-05-31T08:00:00Z", "in"],
    ["last working day of the month", { pattern: 4, mask: 0x1f, ordinal: -1 }, "2026-05-29T08:00:00Z", "in"],
    ["last working day, a Sunday", { pattern: 4, mask: 0x1f, ordinal: -1 }, "2026-05-31T08:00:00Z", "out"],
    ["every second month, that month", { pattern: 4, mask: 1, interval: 2 }, "2026-03-01T08:00:00Z", "in"],
    ["every second month, the other", { pattern: 4, mask: 1, interval: 2 }, "2026-02-01T08:00:00Z", "out"],
    ["first Monday of January", { pattern: 5, mask: january | 1, ordinal: 1 }, "2026-01-05T08:00:00Z", "in"],
    ["first Monday, in May", { pattern: 5, mask: january | 1, ordinal: 1 }, "2026-05-04T08:00:00Z", "out"],
    ["third day of January", { pattern: 6, mask: january | 0x7f, ordinal: 3 }, "2026-01-03T08:00:00Z", "in"],
    [
      "third day, the fourth",
      { pattern: 6, mask: january | 0x7f, ordinal: 3 },
      "2026-01-04T08:00:00Z",
      "out",
    ],
    ["a daily pattern with a mask", { mask: 1 }, "2026-03-05T09:00:00Z", "unknown"],
    ["a weekly pattern with months", { pattern: 2, mask: january }, "2026-03-05T09:00:00Z", "unknown"],
    ["a sixth Monday", { pattern: 3, mask: 1, ordinal: 6 }, "2026-06-01T08:00:00Z", "unknown"],
    ["by week of the year", { pattern: 7, mask: 1, ordinal: 1 }, "2026-03-05T09:00:00Z", "unknown"],
    ["by week of the month", { pattern: 8, mask: 1, ordinal: 1 }, "2026-03-05T09:00:00Z", "unknown"],
    ["a pattern of tomorrow", { pattern: 9 }, "2026-03-05T09:00:00Z", "unknown"],
  ])("%s", (_name, recurrence, moment, expected) => {
    expect(state(recurrence, moment)).toBe(expected);
  });

  it("follows the clock on the wall unless it says UTC", () => {
    const shanghaiS = 8 * HOUR_S;
    expect(state({}, "2026-03-05T00:30:00Z", shanghaiS)).toBe("in");
    expect(state({}, "2026-03-05T08:30:00Z", shanghaiS)).toBe("out");
    expect(state({}, "2026-03-05T08:30:00Z")).toBe("in");
  });
});
