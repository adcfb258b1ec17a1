import type { VoteChoice } from "@menshen/domain";
import { makeTable, play } from "../testing/play.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { BALLOT_EPOCH, sealBallot, sumBallots, type WeighedBallot } from "./index.ts";

/** A motion of its own, and its custodians' key with every share. */
export function makeSecretVote(seed: string) {
  const random = seededRandom(seed);
  const table = makeTable({ threshold: { k: 2, n: 3 }, epochCount: 1, random });
  const setup = { ...table.setup, firstEpoch: BALLOT_EPOCH };
  const ends = play(setup, table.keys, random);
  const shares = ends.flatMap((end) => (end.phase === "finished" ? end.shares : []));
  const [end] = ends;
  const key = end?.phase === "finished" ? end.keys[0] : undefined;
  if (key === undefined || shares.length !== 3) throw new Error("the ceremony did not finish");
  const motion = {
    communityId: "11111111-1111-4111-8111-111111111111",
    motionId: "22222222-2222-4222-8222-222222222222",
    agendaSha256: "ab".repeat(32),
  };
  const cast = (number: number, areaDm2: number, choice: VoteChoice): WeighedBallot => ({
    number,
    areaDm2,
    ballot: sealBallot({ key, place: { ...motion, number }, choice, random }),
  });
  return {
    key,
    shares,
    motion,
    random,
    cast,
    sum: (ballots: WeighedBallot[]) => sumBallots(key, motion, ballots),
  };
}
