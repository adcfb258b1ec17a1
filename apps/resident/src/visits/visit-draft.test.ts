import fc from "fast-check";
import { expect, test } from "vitest";
import { draftOf, problemsOf, timesOf, VISIT_PRESETS, type VisitLimits } from "./visit-draft.ts";

const zone = "Asia/Shanghai";
const at = (text: string) => Date.parse(`${text}+08:00`);
/** A Tuesday afternoon. */
const NOW = at("2026-12-01T14:05:30");
const limits: VisitLimits = { doorIds: ["north", "east"], longestS: 7 * 86_400, timeZone: zone };

test("today until 20:00, or until midnight in the evening", () => {
  expect(timesOf(draftOf("today", NOW, limits), zone)).toEqual({
    from: at("2026-12-01T14:05:00"),
    until: at("2026-12-01T20:00:00"),
  });
  expect(timesOf(draftOf("today", at("2026-12-01T19:00:00"), limits), zone).until).toBe(
    at("2026-12-02T00:00:00"),
  );
});

test("one delivery, today or tomorrow", () => {
  expect(draftOf("delivery", NOW, limits).purpose).toBe("delivery");
  expect(timesOf(draftOf("delivery", NOW, limits), zone)).toEqual({
    from: at("2026-12-01T14:05:00"),
    until: at("2026-12-03T00:00:00"),
    uses: 1,
  });
});

test("every week, for as long as the community allows", () => {
  expect(timesOf(draftOf("weekly", NOW, limits), zone)).toEqual({
    from: at("2026-12-01T14:05:00"),
    until: at("2026-12-08T00:00:00"),
    weekdays: [3],
    windows: [{ startMinute: 540, endMinute: 720 }],
  });
  const generous = { ...limits, longestS: 90 * 86_400 };
  expect(timesOf(draftOf("weekly", NOW, generous), zone).until).toBe(at("2027-01-27T00:00:00"));
});

test("presets keep within a community that allows hours only", () => {
  const strict = { ...limits, longestS: 3 * 3_600 };
  expect(timesOf(draftOf("today", NOW, strict), zone).until).toBe(at("2026-12-01T17:05:00"));
});

test.each([
  ["no-door", { doorIds: [] }],
  ["no-door", { doorIds: ["elsewhere"] }],
  ["too-many-doors", { doorIds: Array.from({ length: 17 }, () => "north") }],
  ["bad-date", { endDate: "" }],
  ["ends-before-start", { endDate: "2026-12-01", endMinute: 0 }],
  ["over", { startDate: "2026-11-30", endDate: "2026-12-01", endMinute: 600 }],
  ["too-long", { endDate: "2026-12-09", endMinute: 0 }],
  ["bad-hours", { hours: { startMinute: 600, endMinute: 600 } }],
  ["no-such-day", { weekdays: [4] }],
] as const)("says %s before it is signed", (problem, change) => {
  expect(problemsOf({ ...draftOf("today", NOW, limits), ...change }, NOW, limits)).toEqual([problem]);
});

test("no preset is ever refused by its own checks", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...VISIT_PRESETS),
      fc.integer({ min: NOW, max: NOW + 400 * 86_400_000 }),
      fc.integer({ min: 8 * 86_400, max: 7_776_000 }),
      (preset, now, longestS) => {
        const of = { ...limits, longestS };
        expect(problemsOf(draftOf(preset, now, of), now, of)).toEqual([]);
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 50) },
  );
});
