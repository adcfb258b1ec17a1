import { expect, test } from "vitest";
import { passOf, type VisitDraft } from "./visit-draft.ts";

const WEEK_S = 604_800;
const draft: VisitDraft = {
  purpose: "visitor",
  portalIds: ["a"],
  from: "2026-11-23T09:00",
  until: "2026-11-23T18:00",
  weekdays: [],
  uses: "once",
};
const of = (changes: Partial<VisitDraft>) => passOf({ ...draft, ...changes }, "Asia/Shanghai", WEEK_S);

test("a visit of one afternoon, once", () => {
  expect(of({})).toEqual({
    pass: {
      purpose: "visitor",
      portalIds: ["a"],
      notBefore: 1_795_395_600_000,
      notAfter: 1_795_427_999_000,
      uses: 1,
    },
  });
});

test("a cleaner on two mornings of the week, as often as needed", () => {
  expect(
    of({
      until: "2026-11-30T09:00",
      weekdays: [2, 5],
      hoursFrom: "08:00",
      hoursUntil: "12:30",
      uses: "many",
    }),
  ).toEqual({
    pass: {
      purpose: "visitor",
      portalIds: ["a"],
      notBefore: 1_795_395_600_000,
      notAfter: 1_796_000_399_000,
      weekdays: [2, 5],
      windows: [{ startMinute: 480, endMinute: 750 }],
    },
  });
});

test("midnight as an end is the end of the day, however the field writes it", () => {
  for (const hoursUntil of ["00:00", "23:59"]) {
    expect(of({ hoursFrom: "18:00", hoursUntil })).toMatchObject({
      pass: { windows: [{ startMinute: 1_080, endMinute: 1_440 }] },
    });
  }
  // 23:59:59 of that day by the community's clock.
  for (const until of ["2026-11-23T23:59", "2026-11-24T00:00"]) {
    expect(of({ until })).toMatchObject({ pass: { notAfter: 1_795_449_599_000 } });
  }
});

test("all days are every day", () => {
  expect(of({ weekdays: [1, 2, 3, 4, 5, 6, 7] })).not.toHaveProperty("pass.weekdays");
});

test.each([
  ["no time", { from: "" }, "timeMissing"],
  ["an end before the start", { until: "2026-11-23T09:00" }, "timeOrder"],
  ["more than the settings allow", { until: "2026-11-30T09:01" }, "tooLong"],
  ["one end of the hours only", { hoursFrom: "08:00" }, "hoursOrder"],
  ["hours that end before they begin", { hoursFrom: "08:00", hoursUntil: "08:00" }, "hoursOrder"],
] as const)("%s is said to be wrong", (_, changes, fault) => {
  expect(of(changes)).toEqual({ fault });
});
