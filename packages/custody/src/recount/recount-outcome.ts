import { fromHex, primitives, type RandomBytes } from "@menshen/crypto";
import { opensLeaf, parseLeaf } from "@menshen/evidence";
import type { OpenedBallot } from "@menshen/wire";

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

/** What a recount of a secret vote needs beside. */
export interface RecountTools {
  /** Draws the factors by which proofs are verified together. */
  readonly random: RandomBytes;
  /** Between two stretches of work, so that a screen may draw. */
  readonly pause: () => Promise<unknown>;
}

const textOf = new TextEncoder();

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

/** Names and numbers in one order, whoever wrote the object. */
function flat(value: unknown): unknown {
  return Object.entries(Object(value))
    .map(([name, inner]) => [name, typeof inner === "object" ? flat(inner) : inner])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
