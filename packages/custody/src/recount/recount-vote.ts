import { sha256, toHex } from "@menshen/crypto";
import { countVote, majorityOf, parseCanonicalJson, VOTE_CHOICES, type VoteChoice } from "@menshen/domain";
import { type OpenedBallot, type Recount, voteTexts } from "@menshen/wire";
import {
  bad,
  type EntrySource,
  faultOfLeaf,
  type RecountBad,
  type RecountOutcome,
  type RecountTools,
  same,
} from "./recount-outcome.ts";
import { countSecretly, readSecretBallots } from "./recount-secret.ts";

const textOf = new TextEncoder();

/** Counts a vote again from the log's own entries, and compares with what was published. */
export async function recountVote(
  recount: Recount,
  entryAt: EntrySource,
  tools: RecountTools,
): Promise<RecountOutcome> {
  const { motion, roll, rollSha256 } = recount;
  if (toHex(sha256(textOf.encode(voteTexts.roll(motion.id, roll)))) !== rollSha256) return bad("roll");
  const areas = new Map(roll);
  const seen = new Set<number>();
  if (motion.secret !== undefined) {
    const read = await readSecretBallots(recount, entryAt, tools, seen);
    if (!read.good) return read;
    const advisory = await countAdvice(recount, entryAt, seen);
    if ("good" in advisory) return advisory;
    const outcome = countSecretly(recount, read);
    if (typeof outcome === "string") return bad(outcome);
    const isSame = motion.result === undefined || same(motion.result.advisory, advisory);
    return isSame ? { ...outcome, advisory: recount.advisory.length } : bad("differs");
  }
  const ballots: { number: number; choice: VoteChoice }[] = [];
  for (const ballot of recount.ballots) {
    const fault = await faultOfLeaf(ballot, "ballot-cast", entryAt, seen);
    if (fault !== undefined) return bad(fault, ballot.leafIndex);
    const said = read(ballot, recount);
    if (said?.number === undefined || areas.get(said.number) !== said.areaDm2) {
      return bad("foreign", ballot.leafIndex);
    }
    ballots.push({ number: said.number, choice: said.choice });
  }
  const advisory = await countAdvice(recount, entryAt, seen);
  if ("good" in advisory) return advisory;
  const heads = roll.map(([number, areaDm2]) => ({ number, areaDm2 }));
  const counted = countVote(heads, ballots, majorityOf(motion.matter));
  if (!counted.counted) return bad(counted.fault === "voted-twice" ? "twice" : "foreign");
  const published = motion.result;
  if (published !== undefined) {
    if (
      published.passed !== counted.passed ||
      !same(published.vote, counted.vote) ||
      !same(published.advisory, advisory)
    ) {
      return bad("differs");
    }
  }
  return { good: true, ballots: ballots.length, advisory: recount.advisory.length, passed: counted.passed };
}

async function countAdvice(
  recount: Recount,
  entryAt: EntrySource,
  seen: Set<number>,
): Promise<Readonly<Record<VoteChoice, number>> | RecountBad> {
  const advisory = { for: 0, against: 0, abstain: 0 };
  for (const ballot of recount.advisory) {
    const fault = await faultOfLeaf(ballot, "advisory-ballot-cast", entryAt, seen);
    if (fault !== undefined) return bad(fault, ballot.leafIndex);
    const said = read(ballot, recount);
    if (said === undefined) return bad("foreign", ballot.leafIndex);
    advisory[said.choice] += 1;
  }
  return advisory;
}

/** What a ballot says, if it is one of this vote. */
function read(
  { statement }: OpenedBallot,
  { motion }: Recount,
): { readonly choice: VoteChoice; readonly number?: number; readonly areaDm2?: number } | undefined {
  const said = parseCanonicalJson(statement);
  const field = (name: string): unknown => Reflect.get(Object(said), name);
  const choice = VOTE_CHOICES.find((one) => one === field("choice"));
  if (
    choice === undefined ||
    field("motionId") !== motion.id ||
    field("agendaSha256") !== motion.agendaSha256
  ) {
    return undefined;
  }
  const [number, areaDm2] = [field("number"), field("areaDm2")];
  return typeof number === "number" && typeof areaDm2 === "number" ? { choice, number, areaDm2 } : { choice };
}
