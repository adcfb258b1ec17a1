import fc from "fast-check";
import { expect, it } from "vitest";
import { CustodyError } from "../errors.ts";
import {
  encodeBallot,
  encodeTallyShare,
  faultOfTallyShare,
  findBadBallots,
  makeTallyShare,
  parseBallot,
  parseTally,
  parseTallyShare,
  verifyBallot,
} from "./index.ts";
import { makeSecretVote } from "./secret-vote.fixture.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 60);
const vote = makeSecretVote("fuzz");
const cast = vote.cast(1, 100, "for");
const place = { ...vote.motion, number: 1 };
const tally = vote.sum([cast]);
const [held] = vote.shares;
const share = held && makeTallyShare({ key: vote.key, share: held, tally, random: vote.random });
if (share === undefined) throw new Error("no share");
const ballotBytes = encodeBallot(cast.ballot);
const shareBytes = encodeTallyShare(share);

/** What was read, `undefined` for a refusal; anything but the package's own error fails the test. */
function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}

function mutated(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [at, by] of changes) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ by;
  return copy;
}
const changes = fc.array(fc.tuple(fc.nat(4_096), fc.integer({ min: 1, max: 255 })), {
  minLength: 1,
  maxLength: 3,
});

it("reads any bytes, or refuses them by code", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
      for (const parse of [parseBallot, parseTally, parseTallyShare]) read(() => parse(bytes));
    }),
    { numRuns },
  );
});

it("counts no ballot of which a bit was changed, alone or among others", () => {
  fc.assert(
    fc.property(changes, (flips) => {
      const bytes = mutated(ballotBytes, flips);
      const ballot = read(() => parseBallot(bytes));
      if (ballot === undefined) return;
      const isSame = bytes.every((byte, at) => byte === ballotBytes[at]);
      expect(verifyBallot(vote.key, place, ballot)).toBe(isSame);
      expect(findBadBallots(vote.key, [{ place, ballot }], vote.random)).toEqual(isSame ? [] : [0]);
    }),
    { numRuns },
  );
});

it("counts no share of which a bit was changed", () => {
  fc.assert(
    fc.property(changes, (flips) => {
      const bytes = mutated(shareBytes, flips);
      const changed = read(() => parseTallyShare(bytes));
      if (changed === undefined) return;
      const isSame = bytes.every((byte, at) => byte === shareBytes[at]);
      expect(faultOfTallyShare(vote.key, tally, changed) === undefined).toBe(isSame);
    }),
    { numRuns },
  );
});

it("reads what it writes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("for", "against", "abstain"),
      fc.integer({ min: 1, max: 1_000_000 }),
      (choice, number) => {
        const { ballot } = vote.cast(number, 1, choice);
        expect(encodeBallot(parseBallot(encodeBallot(ballot)))).toEqual(encodeBallot(ballot));
      },
    ),
    { numRuns: Math.min(numRuns, 20) },
  );
});
