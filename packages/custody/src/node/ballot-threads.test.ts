import { describe, expect, it } from "vitest";
import { encodeBallot, sumBallots } from "../ballot/index.ts";
import { makeSecretVote } from "../ballot/secret-vote.fixture.ts";
import { addBallotsInThreads } from "./ballot-threads.ts";

const { key, motion, cast } = makeSecretVote("threads");
/** More than are done without a thread. */
const HEADS = 420;
const ballots = Array.from({ length: HEADS }, (_, index) => {
  const ballot = cast(index + 1, 100 + index, index % 3 === 0 ? "for" : "against");
  return { ...ballot, encoded: encodeBallot(ballot.ballot) };
});

describe("V4 (secret ballot): a vote that several threads add up", () => {
  it("comes to the sums and the digest of one that is added up in one", async () => {
    const whole = sumBallots(key, motion, ballots);
    for (const threads of [1, 2, 3]) {
      const added = await addBallotsInThreads(key, motion, ballots, threads);
      expect(added.good && added.tally.digest).toEqual(whole.digest);
    }
    const few = await addBallotsInThreads(key, motion, ballots.slice(0, 5));
    expect(few.good && few.tally.digest).toEqual(sumBallots(key, motion, ballots.slice(0, 5)).digest);
  });

  it("names every ballot that is none, in whichever part it stands", async () => {
    const [first, second] = ballots;
    if (first === undefined || second === undefined) throw new Error("no ballots");
    const spoiled = ballots.map((ballot, position) => {
      if (position === 3) return { ...ballot, encoded: ballot.encoded.slice(1) };
      // Valid, and another head's.
      if (position === 250) return { ...ballot, encoded: first.encoded };
      if (position === HEADS - 1) return { ...ballot, encoded: second.encoded };
      return ballot;
    });
    expect(await addBallotsInThreads(key, motion, spoiled, 2)).toEqual({
      good: false,
      bad: [3, 250, HEADS - 1],
    });
  });
});
