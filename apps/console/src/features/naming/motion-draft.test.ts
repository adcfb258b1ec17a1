import { expect, test } from "vitest";
import { EMPTY_MOTION, type MotionDraft, motionOf, voteOf } from "./motion-draft.ts";

const draft: MotionDraft = {
  ...EMPTY_MOTION,
  title: " 值班室显示通行人 ",
  documentNumber: "〔2026〕3号",
  minutesSha256: "ab".repeat(32),
  votedOn: "2026-11-20",
  from: "2026-12-01",
  lastDay: "2026-12-31",
  heads: { total: "300", voted: "200", inFavour: "101" },
  area: { total: "30000.01", voted: "20000.01", inFavour: "10000.01" },
};

test("a complete motion is what the server takes: whole days of the community, exact integers", () => {
  expect(motionOf(draft, "Asia/Shanghai")).toEqual({
    title: "值班室显示通行人",
    documentNumber: "〔2026〕3号",
    minutesSha256: "ab".repeat(32),
    votedOn: "2026-11-20",
    vote: {
      heads: { total: 300, voted: 200, inFavour: 101 },
      areaDm2: { total: 3_000_001, voted: 2_000_001, inFavour: 1_000_001 },
    },
    days: 7,
    from: Date.parse("2026-12-01T00:00+08:00"),
    until: Date.parse("2027-01-01T00:00+08:00"),
  });
});

test.each<[string, Partial<MotionDraft>]>([
  ["a title", { title: " " }],
  ["minutes", { minutesSha256: "" }],
  ["a number of heads", { heads: { ...draft.heads, voted: "" } }],
  ["heads that are whole", { heads: { ...draft.heads, voted: "200.5" } }],
  ["an area", { area: { ...draft.area, total: "many" } }],
  ["a majority", { heads: { ...draft.heads, inFavour: "100" } }],
  ["a last day", { lastDay: "" }],
  ["a last day that is not before the first", { lastDay: "2026-11-30" }],
])("without %s it is none", (_what, changes) => {
  expect(motionOf({ ...draft, ...changes }, "Asia/Shanghai")).toBeUndefined();
});

test("what a vote lacks is said as soon as all numbers are there", () => {
  expect(voteOf(EMPTY_MOTION)).toBeUndefined();
  expect(voteOf({ ...draft, heads: { total: "300", voted: "199", inFavour: "199" } })?.shortfalls).toEqual([
    { measure: "heads", lacks: "quorum" },
  ]);
});
