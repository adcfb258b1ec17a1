import { fromHex, primitives, type RandomBytes, sha256, toHex } from "@menshen/crypto";
import { countVote, majorityOf, parseCanonicalJson, VOTE_CHOICES, type VoteChoice } from "@menshen/domain";
import { opensLeaf, parseLeaf } from "@menshen/evidence";
import { type OpenedBallot, type Recount, voteTexts } from "@menshen/wire";
import { countSecretly, readSecretBallots } from "./recount-secret.ts";

/**
 * What a recount finds wrong:
 * - `roll`: it is not the roll that was fixed with the agenda;
 * - `waiting`: a ballot that the log has not taken yet; `unread`: its part of the log cannot be read or verified;
 * - `does-not-open`: the log's entry is not what is shown as the ballot;
 * - `foreign`: a ballot of another vote, or none at all; `twice`: two of one head, or one ballot shown twice;
 * - `key`: of a secret vote: the key is not the one that the agenda named;
 * - `forged`: a sealed ballot whose proof does not verify, or which is not the one in the log;
 * - `shares`: the custodians' shares do not open what was published;
 * - `differs`: all is in order, and the sums are not what was published.
 */
export type RecountFault =
  | "roll"
  | "waiting"
  | "unread"
  | "does-not-open"
  | "foreign"
  | "twice"
  | "key"
  | "forged"
  | "shares"
  | "differs";

export interface RecountBad {
  readonly good: false;
  readonly fault: RecountFault;
  readonly leafIndex?: number;
}

export type RecountOutcome =
  | { readonly good: true; readonly ballots: number; readonly advisory: number; readonly passed: boolean }
  | RecountBad;

/** The entry at a place of the log, verified under a signed checkpoint; `undefined` where it cannot be. */
export type EntrySource = (leafIndex: number) => Promise<Uint8Array | undefined>;

const textOf = new TextEncoder();

/** What a recount of a secret vote needs beside. */
export interface RecountTools {
  /** Draws the factors by which proofs are verified together. */
  readonly random: RandomBytes;
  /** Between two stretches of work, so that a screen may draw. */
  readonly pause: () => Promise<unknown>;
}

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

/** Whether two objects say the same, in whatever order. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(flat(a)) === JSON.stringify(flat(b));
}

/** @param leafIndex the ballot at fault */
export function bad(fault: RecountFault, leafIndex?: number): RecountBad {
  return leafIndex === undefined ? { good: false, fault } : { good: false, fault, leafIndex };
}

/** Whether the log has this very statement at its place. */
export async function faultOfLeaf(
  { statement, salt, leafIndex }: OpenedBallot,
  topic: string,
  entryAt: EntrySource,
  seen: Set<number>,
): Promise<RecountFault | undefined> {
  if (leafIndex === undefined) return "waiting";
  if (seen.has(leafIndex)) return "twice";
  seen.add(leafIndex);
  const entry = await entryAt(leafIndex);
  if (entry === undefined) return "unread";
  const parsed = parseLeaf(entry);
  if (!parsed.parsed || parsed.leaf.topic !== topic) return "does-not-open";
  return opensLeaf(primitives, parsed.leaf, fromHex(salt), textOf.encode(statement))
    ? undefined
    : "does-not-open";
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

/** Names and numbers in one order, whoever wrote the object. */
function flat(value: unknown): unknown {
  return Object.entries(Object(value))
    .map(([name, inner]) => [name, typeof inner === "object" ? flat(inner) : inner])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
