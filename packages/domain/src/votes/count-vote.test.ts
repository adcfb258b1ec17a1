import { describe, expect, test } from "vitest";
import { countVote, type RollHead, type VoteChoice } from "./count-vote.ts";
import { headsOf } from "./roll.ts";

/** `heads` of 1 m² each: both measures go together, so that one is moved alone where a test says so. */
const even = (heads: number): RollHead[] =>
  Array.from({ length: heads }, (_, index) => ({ number: index + 1, areaDm2: 100 }));
const cast = (from: number, count: number, choice: VoteChoice) =>
  Array.from({ length: count }, (_, index) => ({ number: from + index, choice }));
const ballots = (inFavour: number, against: number, abstain = 0) => [
  ...cast(1, inFavour, "for"),
  ...cast(1 + inFavour, against, "against"),
  ...cast(1 + inFavour + against, abstain, "abstain"),
];

const lacks = (count: ReturnType<typeof countVote>) =>
  count.counted ? count.shortfalls.map(({ measure, lacks: what }) => `${measure} ${what}`) : [count.fault];

describe("V1 (Civil Code 278): both sides of every threshold, by heads and by area", () => {
  test.each([
    // heads, in favour, against, abstaining; ordinary, special
    [9, 6, 0, 0, [], []],
    [9, 5, 0, 0, ["heads quorum", "areaDm2 quorum"], ["heads quorum", "areaDm2 quorum"]],
    [9, 3, 3, 0, ["heads majority", "areaDm2 majority"], ["heads majority", "areaDm2 majority"]],
    [9, 4, 2, 0, [], ["heads majority", "areaDm2 majority"]],
    [12, 6, 2, 0, [], []],
    [12, 6, 1, 1, [], []],
    [12, 5, 3, 0, [], ["heads majority", "areaDm2 majority"]],
    [12, 4, 0, 4, ["heads majority", "areaDm2 majority"], ["heads majority", "areaDm2 majority"]],
    [12, 5, 0, 3, [], ["heads majority", "areaDm2 majority"]],
    [1, 0, 0, 0, ["heads quorum", "areaDm2 quorum"], ["heads quorum", "areaDm2 quorum"]],
    [1, 1, 0, 0, [], []],
    [1, 0, 1, 0, ["heads majority", "areaDm2 majority"], ["heads majority", "areaDm2 majority"]],
  ] as const)(
    "of %i: %i for, %i against, %i abstaining",
    (heads, inFavour, against, abstain, half, three) => {
      const said = ballots(inFavour, against, abstain);
      expect(lacks(countVote(even(heads), said, "more-than-half"))).toEqual(half);
      expect(lacks(countVote(even(heads), said, "three-quarters"))).toEqual(three);
    },
  );

  test.each([
    // One head more has all the area that is missing: the measures part.
    ["quorum by area: exactly two thirds", [100, 100, 100], ["for", "for"], []],
    ["quorum by area: one square decimetre below", [100, 99, 101], ["for", "for"], ["areaDm2 quorum"]],
    ["majority by area: exactly half", [100, 50, 50], ["against", "for", "for"], ["areaDm2 majority"]],
    ["majority by area: one square decimetre more", [100, 51, 50], ["against", "for", "for"], []],
    ["majority by heads: exactly half", [100, 300], ["against", "for"], ["heads majority"]],
  ] as const)("%s", (_, areas, choices, expected) => {
    const roll = areas.map((areaDm2, index) => ({ number: index + 1, areaDm2 }));
    const said = choices.map((choice, index) => ({ number: index + 1, choice }));
    expect(lacks(countVote(roll, said, "more-than-half"))).toEqual(expected);
  });

  test.each([
    ["below by area alone", [299, 300, 300, 301], [0, 1, 2], [3], ["areaDm2 majority"]],
    ["exactly, by both", [300, 300, 300, 300], [0, 1, 2], [3], []],
    ["below by heads alone", [900, 1, 99], [0, 1], [2], ["heads majority"]],
  ] as const)("special majority: %s", (_, areas, inFavour, against, expected) => {
    const roll = areas.map((areaDm2, index) => ({ number: index + 1, areaDm2 }));
    const said = [
      ...inFavour.map((index) => ({ number: index + 1, choice: "for" as const })),
      ...against.map((index) => ({ number: index + 1, choice: "against" as const })),
    ];
    expect(lacks(countVote(roll, said, "three-quarters"))).toEqual(expected);
  });
});

test("V4 (Hangzhou): a ballot counted twice, of nobody, or a roll that counts somebody twice is no count", () => {
  const roll = even(3);
  const twice = [...ballots(1, 0), ...ballots(1, 0)];
  expect(countVote(roll, twice, "more-than-half")).toEqual({
    counted: false,
    fault: "voted-twice",
    number: 1,
  });
  const stranger = [{ number: 4, choice: "for" as const }];
  expect(countVote(roll, stranger, "more-than-half")).toMatchObject({ fault: "unknown-head", number: 4 });
  expect(countVote([...roll, ...roll], [], "more-than-half")).toMatchObject({ fault: "bad-roll", number: 1 });
  expect(countVote([{ number: 1, areaDm2: 0.5 }], [], "more-than-half")).toMatchObject({ fault: "bad-roll" });
});

test("V1 (Civil Code 278): owners of several dwellings, co-owners, companies and the developer are one head each", () => {
  const persons = (...personIds: string[]) => ({ kind: "persons", personIds }) as const;
  expect(
    headsOf([
      { dwellingId: "101", areaDm2: 8_812, owner: persons("wang") },
      { dwellingId: "102", areaDm2: 9_000, owner: persons("li", "zhao") },
      { dwellingId: "103", areaDm2: 7_000, owner: persons("wang") },
      { dwellingId: "104", areaDm2: 6_000, owner: persons("zhao", "li") },
      { dwellingId: "105", areaDm2: 5_000, owner: { kind: "company", companyId: "c1" } },
      { dwellingId: "106", areaDm2: 5_001, owner: { kind: "developer" } },
      { dwellingId: "107", areaDm2: 5_002, owner: { kind: "developer" } },
      { dwellingId: "108", areaDm2: 4_000, owner: persons("li") },
    ]).map(({ areaDm2, dwellingIds }) => [areaDm2, dwellingIds]),
  ).toEqual([
    [15_812, ["101", "103"]],
    [15_000, ["102", "104"]],
    [5_000, ["105"]],
    [10_003, ["106", "107"]],
    [4_000, ["108"]],
  ]);
});
