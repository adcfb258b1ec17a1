import { RistrettoElement, RistrettoScalar } from "@menshen/crypto";
import { VOTE_CHOICES } from "@menshen/domain";
import { describe, expect, it, test } from "vitest";
import { makeKeys } from "../testing/play.ts";
import {
  encodeBallot,
  faultOfTallyShare,
  findBadBallots,
  makeTallyShare,
  openTally,
  parseBallot,
  type SecretBallot,
  sealBallot,
  type TallyShare,
  verifyBallot,
} from "./index.ts";
import { isOpenedBy } from "./open-tally.ts";
import { makeSecretVote } from "./secret-vote.fixture.ts";
import { smallLogarithms } from "./small-logarithm.ts";

const vote = makeSecretVote("secret vote");
const { key, motion, random, cast } = vote;
const at = (number: number) => ({ ...motion, number });
const one = RistrettoScalar.of(1);

function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the example is missing");
  return value;
}
const shareOf = (index: number, tally: Parameters<typeof makeTallyShare>[0]["tally"]): TallyShare =>
  some(makeTallyShare({ key, share: some(vote.shares[index - 1]), tally, random }));

describe("V4 (secret ballot): a ballot says exactly one thing, in one place", () => {
  it.each(VOTE_CHOICES)("`%s` verifies where it was cast, also after it travelled", (choice) => {
    const { ballot } = cast(3, 100, choice);
    expect(verifyBallot(key, at(3), parseBallot(encodeBallot(ballot)))).toBe(true);
  });

  it("shows its choice by no length", () => {
    expect(new Set(VOTE_CHOICES.map((choice) => encodeBallot(cast(3, 100, choice).ballot).length)).size).toBe(
      1,
    );
  });

  it("is refused as the ballot of another head, motion, agenda, community or key", () => {
    const { ballot } = cast(3, 100, "for");
    const other = "33333333-3333-4333-8333-333333333333";
    for (const place of [
      at(4),
      { ...at(3), motionId: other },
      { ...at(3), communityId: other },
      { ...at(3), agendaSha256: "cd".repeat(32) },
    ]) {
      expect(verifyBallot(key, place, ballot)).toBe(false);
    }
    expect(verifyBallot(makeSecretVote("another").key, at(3), ballot)).toBe(false);
  });

  it("is refused when somebody re-randomised it", () => {
    const { ballot } = cast(3, 100, "for");
    const more = RistrettoScalar.random(random);
    const shifted = (pair: SecretBallot["inFavour"]) => ({
      a: pair.a.plus(RistrettoElement.base.times(more)),
      b: pair.b.plus(key.publicKey.times(more)),
    });
    const copy = { ...ballot, inFavour: shifted(ballot.inFavour), against: shifted(ballot.against) };
    expect(verifyBallot(key, at(3), copy)).toBe(false);
    expect(verifyBallot(key, at(4), copy)).toBe(false);
  });

  it.each([
    ["two votes in favour", [2, 0]],
    ["in favour and against", [1, 1]],
    ["minus one against", [1, -1]],
    ["values that the composite's weight would have to hide", [0, 2]],
  ] as const)("no proof of an honest program fits %s", (_, [inFavour, against]) => {
    const moved = (ballot: SecretBallot): SecretBallot => ({
      ...ballot,
      inFavour: { ...ballot.inFavour, b: shift(ballot.inFavour.b, inFavour - 1) },
      against: { ...ballot.against, b: shift(ballot.against.b, against) },
    });
    expect(verifyBallot(key, at(3), moved(cast(3, 100, "for").ballot))).toBe(false);
  });

  it.each(["challenge", "response"] as const)("is refused with another %s in any branch", (part) => {
    const { ballot } = cast(3, 100, "abstain");
    for (const position of [0, 1, 2]) {
      const branches = ballot.branches.map((branch, index) =>
        index === position ? { ...branch, [part]: branch[part].plus(one) } : branch,
      );
      expect(verifyBallot(key, at(3), { ...ballot, branches })).toBe(false);
    }
  });

  it("is refused with branches in another order, or one of them missing", () => {
    const { ballot } = cast(3, 100, "for");
    expect(verifyBallot(key, at(3), { ...ballot, branches: ballot.branches.toReversed() })).toBe(false);
    expect(verifyBallot(key, at(3), { ...ballot, branches: ballot.branches.slice(1) })).toBe(false);
  });

  it("is sealed to no key of an epoch, and none of those is taken for a motion's", () => {
    const epochKey = some(makeKeys({ k: 2, n: 3 }, 1, "an epoch").keys[0]);
    expect(() => sealBallot({ key: epochKey, place: at(1), choice: "for", random })).toThrow(
      "made for ballots",
    );
    expect(verifyBallot(epochKey, at(3), cast(3, 100, "for").ballot)).toBe(false);
  });
});

describe("V4 (secret ballot): many at once", () => {
  const ballots = Array.from({ length: 12 }, (_, index) => {
    const { ballot } = cast(index + 1, 100, some(VOTE_CHOICES[index % 3]));
    return { place: at(index + 1), ballot };
  });

  it("finds none where all are good", () => {
    expect(findBadBallots(key, ballots, random)).toEqual([]);
    expect(findBadBallots(key, ballots.slice(0, 1), random)).toEqual([]);
    expect(findBadBallots(key, [], random)).toEqual([]);
  });

  it("names each bad one: moved, doubled into another head, with a changed sum or response", () => {
    const broken = ballots.map((placed, index) => {
      const { ballot } = placed;
      if (index === 2) return { ...placed, ballot: some(ballots[3]).ballot };
      if (index === 7) {
        const [first, ...rest] = ballot.branches;
        const changed = { ...some(first), response: some(first).response.plus(one) };
        return { ...placed, ballot: { ...ballot, branches: [changed, ...rest] } };
      }
      // Two wrongs that cancel out without factors.
      if (index === 9) return { ...placed, ballot: withFirst(ballot, one) };
      if (index === 10) return { ...placed, ballot: withFirst(ballot, RistrettoScalar.of(0).minus(one)) };
      return placed;
    });
    expect(findBadBallots(key, broken, random)).toEqual([2, 7, 9, 10]);
  });
});

describe("V4 (secret ballot): the count", () => {
  const ballots = [
    cast(1, 8_812, "for"),
    cast(2, 15_000, "against"),
    cast(3, 7_001, "abstain"),
    cast(5, 4_000, "for"),
    cast(6, 1, "against"),
  ];
  const voted = { heads: 5, areaDm2: 34_814 };
  const tally = vote.sum(ballots);
  const sums = {
    heads: { inFavour: 2, against: 2 },
    areaDm2: { inFavour: 12_812, against: 15_001 },
  };

  it.each([[[1, 2]], [[1, 3]], [[3, 2]], [[1, 2, 3]]])("is the same by custodians %j", (indices) => {
    const shares = indices.map((index) => shareOf(index, tally));
    expect(openTally({ key, tally, shares, voted })).toEqual({ opened: true, sums, rejected: [] });
    expect(isOpenedBy({ key, tally, shares, sums })).toBe(true);
    const wrong = { ...sums, areaDm2: { inFavour: 12_813, against: 15_001 } };
    expect(isOpenedBy({ key, tally, shares, sums: wrong })).toBe(false);
  });

  it("is nothing by one custodian, whoever repeats it", () => {
    const share = shareOf(2, tally);
    expect(openTally({ key, tally, shares: [share, share], voted })).toEqual({
      opened: false,
      reason: "too-few",
      rejected: [{ index: 2, fault: "twice" }],
    });
  });

  it("counts no share that was forged, is another's, or answers for other ballots", () => {
    const share = shareOf(1, tally);
    const [first, ...rest] = share.values;
    const forged = { ...share, values: [some(first).plus(RistrettoElement.base), ...rest] };
    expect(faultOfTallyShare(key, tally, forged)).toBe("invalid-proof");
    expect(faultOfTallyShare(key, tally, { ...share, index: 2 })).toBe("invalid-proof");
    expect(faultOfTallyShare(key, tally, { ...share, index: 4 })).toBe("unknown-custodian");
    expect(faultOfTallyShare(key, tally, { ...share, values: share.values.slice(1) })).toBe("invalid-proof");
    const fewer = vote.sum(ballots.slice(1));
    expect(faultOfTallyShare(key, fewer, share)).toBe("other-tally");
    expect(faultOfTallyShare(key, fewer, { ...share, digest: fewer.digest })).toBe("invalid-proof");
    expect(openTally({ key, tally, shares: [forged, shareOf(2, tally)], voted })).toEqual({
      opened: false,
      reason: "too-few",
      rejected: [{ index: 1, fault: "invalid-proof" }],
    });
  });

  it("is given by nobody with a share of another key", () => {
    const stranger = some(makeSecretVote("another").shares[0]);
    expect(makeTallyShare({ key, share: stranger, tally, random })).toBeUndefined();
    expect(
      makeTallyShare({ key, share: { ...some(vote.shares[0]), index: 2 }, tally, random }),
    ).toBeUndefined();
  });

  it("has no sum where a ballot was added that verifies for nobody", () => {
    const bad = cast(8, 5, "for");
    const ballot = {
      ...bad.ballot,
      inFavour: { ...bad.ballot.inFavour, b: shift(bad.ballot.inFavour.b, -9) },
    };
    const off = vote.sum([...ballots, { ...bad, ballot }]);
    expect(openTally({ key, tally: off, shares: [shareOf(1, off), shareOf(2, off)], voted })).toMatchObject({
      opened: false,
      reason: "no-sum",
    });
  });

  it("of nobody is nothing in favour, and needs no search", () => {
    const none = vote.sum([]);
    const shares = [shareOf(1, none), shareOf(3, none)];
    expect(openTally({ key, tally: none, shares, voted: { heads: 0, areaDm2: 0 } })).toMatchObject({
      sums: { heads: { inFavour: 0, against: 0 }, areaDm2: { inFavour: 0, against: 0 } },
    });
  });
});

test.each([
  [0, 0],
  [7, 7],
  [8, 7],
  [99_999_999, 100_000_000],
  [100_000_000, 100_000_000],
])("the logarithm of %i within %i", (value, bound) => {
  const element = RistrettoElement.base.timesPublic(RistrettoScalar.of(value));
  expect(smallLogarithms([element], bound)).toEqual([value > bound ? undefined : value]);
});

test("no search goes beyond what a community can have", () => {
  expect(smallLogarithms([RistrettoElement.base], 1_000_000_001)).toEqual([undefined]);
  expect(smallLogarithms([RistrettoElement.base], 0.5)).toEqual([undefined]);
});

function shift(element: RistrettoElement, by: number): RistrettoElement {
  const multiple = RistrettoElement.base.timesPublic(RistrettoScalar.of(Math.abs(by)));
  return by < 0 ? element.minus(multiple) : element.plus(multiple);
}

function withFirst(ballot: SecretBallot, by: RistrettoScalar): SecretBallot {
  const [first, ...rest] = ballot.branches;
  return { ...ballot, branches: [{ ...some(first), response: some(first).response.plus(by) }, ...rest] };
}
