import { expect, test } from "vitest";
import { ordinaryMajorityShortfalls, thresholdsOf, type VotedMeasure } from "./owners-vote.ts";

const passed: VotedMeasure = { total: 300, voted: 200, inFavour: 101 };
const lacks = (heads: VotedMeasure, areaDm2: VotedMeasure = passed) =>
  ordinaryMajorityShortfalls({ heads, areaDm2 }).map(({ measure, lacks: what }) => `${measure} ${what}`);

test.each<[VotedMeasure, readonly string[]]>([
  [{ total: 300, voted: 200, inFavour: 101 }, []],
  [{ total: 300, voted: 199, inFavour: 199 }, ["heads quorum"]],
  [{ total: 301, voted: 200, inFavour: 200 }, ["heads quorum"]],
  [{ total: 301, voted: 201, inFavour: 200 }, []],
  [{ total: 300, voted: 200, inFavour: 100 }, ["heads majority"]],
  [{ total: 300, voted: 201, inFavour: 101 }, []],
  [{ total: 1, voted: 1, inFavour: 1 }, []],
  [{ total: 0, voted: 0, inFavour: 0 }, ["heads impossible"]],
  [{ total: 10, voted: 11, inFavour: 11 }, ["heads impossible"]],
  [{ total: 10, voted: 9, inFavour: 10 }, ["heads impossible"]],
  [{ total: 10, voted: -9, inFavour: -10 }, ["heads impossible"]],
  [{ total: 10, voted: 9.5, inFavour: 9 }, ["heads impossible"]],
  [{ total: Number.NaN, voted: 9, inFavour: 9 }, ["heads impossible"]],
  // Two thirds of it, and one less, where products are beyond what a double counts exactly.
  [{ total: 9_007_199_254_740_990, voted: 6_004_799_503_160_660, inFavour: 6_004_799_503_160_660 }, []],
  [
    { total: 9_007_199_254_740_990, voted: 6_004_799_503_160_659, inFavour: 6_004_799_503_160_659 },
    ["heads quorum"],
  ],
])("%j by heads lacks %j", (heads, expected) => {
  expect(lacks(heads)).toEqual(expected);
});

test("both measures count", () => {
  const few = { total: 900, voted: 599, inFavour: 599 };
  expect(lacks(passed, few)).toEqual(["areaDm2 quorum"]);
  expect(lacks({ ...passed, inFavour: 1 }, few)).toEqual(["heads majority", "areaDm2 quorum"]);
});

test("V1 (Civil Code 278): thresholds say the least that reaches them", () => {
  const vote = {
    heads: { total: 10, voted: 7, inFavour: 5 },
    areaDm2: { total: 100_001, voted: 66_668, inFavour: 50_001 },
  };
  const said = (majority: "more-than-half" | "three-quarters") =>
    thresholdsOf(vote, majority).map(({ has, total, needs, met }) => [has, total, needs, met]);
  expect(said("more-than-half")).toEqual([
    [7, 10, 7, true],
    [5, 7, 4, true],
    [66_668, 100_001, 66_668, true],
    [50_001, 66_668, 33_335, true],
  ]);
  expect(said("three-quarters")).toEqual([
    [7, 10, 7, true],
    [5, 7, 6, false],
    [66_668, 100_001, 66_668, true],
    [50_001, 66_668, 50_001, true],
  ]);
});
