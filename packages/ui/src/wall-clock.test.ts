import fc from "fast-check";
import { expect, test } from "vitest";
import {
  clockText,
  dateAfter,
  endOfClock,
  endOfTimeField,
  minuteOfClock,
  momentOf,
  timeFieldOfEnd,
  wallTimeAt,
  weekdayOfDate,
} from "./wall-clock.ts";

test("a moment on the wall and back, whatever the browser's own zone", () => {
  const noon = Date.parse("2026-12-01T04:00:00Z");
  expect(wallTimeAt(noon, "Asia/Shanghai")).toEqual({ date: "2026-12-01", minute: 720 });
  expect(momentOf({ date: "2026-12-01", minute: 720 }, "Asia/Shanghai")).toBe(noon);
  expect(momentOf({ date: "2026-13-01", minute: 0 }, "Asia/Shanghai")).toBeNaN();
});

test("clocks that are set forward and back", () => {
  // 02:00 to 03:00 is left out on 29 March in Berlin, and comes twice on 25 October.
  expect(new Date(momentOf({ date: "2026-03-29", minute: 150 }, "Europe/Berlin")).toISOString()).toBe(
    "2026-03-29T01:30:00.000Z",
  );
  expect(new Date(momentOf({ date: "2026-10-25", minute: 150 }, "Europe/Berlin")).toISOString()).toBe(
    "2026-10-25T00:30:00.000Z",
  );
});

test("whatever the clock shows leads back to the same minute in a zone without summer time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 70_000_000 }), (minutes) => {
      const at = minutes * 60_000;
      return momentOf(wallTimeAt(at, "Asia/Urumqi"), "Asia/Urumqi") === at;
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
  );
});

test("days and clocks", () => {
  expect(dateAfter("2026-12-31", 1)).toBe("2027-01-01");
  expect([weekdayOfDate("2026-12-01"), weekdayOfDate("2026-12-06")]).toEqual([2, 7]);
  expect([clockText(545), clockText(1440)]).toEqual(["09:05", "24:00"]);
});

test.each([
  ["00:00", 0, 1440, 1440],
  ["08:30", 510, 510, 510],
  ["23:58", 1438, 1438, 1438],
  ["23:59", 1439, 1439, 1440],
  ["24:00", 1440, 1440, 1440],
  ["24:01", undefined, undefined, undefined],
  ["12:60", undefined, undefined, undefined],
  ["8:30", undefined, undefined, undefined],
  ["", undefined, undefined, undefined],
])("`%s` is a minute, an end of a window, and an end from a field", (text, minute, end, ofField) => {
  expect([minuteOfClock(text), endOfClock(text), endOfTimeField(text)]).toEqual([minute, end, ofField]);
});

test("a field shows an end so that it is read back", () => {
  expect([1440, 1439, 510].map(timeFieldOfEnd)).toEqual(["23:59", "23:59", "08:30"]);
  expect(endOfTimeField(timeFieldOfEnd(1440))).toBe(1440);
});
