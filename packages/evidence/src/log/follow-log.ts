import { equalBytes } from "@menshen/crypto";
import { EvidenceError } from "../evidence-error.ts";
import { rootsOfHistory } from "../merkle/consistency.ts";
import type { Sha256 } from "../merkle/hashing.ts";
import { emptyRoot } from "../merkle/hashing.ts";
import type { SignedCheckpoint } from "./open-checkpoint.ts";

/**
 * What a follower remembers of a log; plain data, to be stored before the next step is taken. `forked` is final:
 * such a log is never believed again.
 */
export type FollowedLog =
  | { readonly state: "new"; readonly origin: string }
  | { readonly state: "following"; readonly origin: string; readonly head: SignedCheckpoint }
  | { readonly state: "forked"; readonly origin: string; readonly evidence: ForkEvidence };

/** Signed by the log itself, so that anybody can check it: see `isForkProven`. */
export type ForkEvidence =
  /** A root that a tree of no leaves cannot have. */
  | { readonly kind: "impossible-root"; readonly signed: SignedCheckpoint }
  /** Two roots for one size. */
  | { readonly kind: "two-roots"; readonly one: SignedCheckpoint; readonly other: SignedCheckpoint }
  /** The larger tree does not begin with the smaller one, as the history proof shows. */
  | {
      readonly kind: "other-history";
      readonly smaller: SignedCheckpoint;
      readonly larger: SignedCheckpoint;
      readonly history: readonly Uint8Array[];
    };

/**
 * What a checkpoint means to a follower.
 *
 * `first`, `advanced`: the new head. `unchanged`: seen before. `rolled-back`: smaller than the head, and a true
 * beginning of it: an old copy, or a log set back; the head stays, and somebody should be told. `forked`: the log
 * signed two histories. `proof-needed`: ask again with the history proof from `smallerSize` to `largerSize`.
 * `proof-refused`: that proof does not lead to the larger root; it shows nothing about the log, but a log that goes
 * on failing to prove what it signed hides something.
 */
export type FollowVerdict =
  | "first"
  | "unchanged"
  | "advanced"
  | "rolled-back"
  | "forked"
  | "proof-refused"
  | "proof-needed";

/** The state to store, and what happened. */
export type FollowStep =
  | { readonly log: FollowedLog; readonly verdict: Exclude<FollowVerdict, "proof-needed"> }
  | {
      readonly log: FollowedLog;
      readonly verdict: "proof-needed";
      readonly smallerSize: number;
      readonly largerSize: number;
    };

/** A follower that has seen nothing yet. It believes the first checkpoint, so witnesses matter most there. */
export function followNew(origin: string): FollowedLog {
  return { state: "new", origin };
}

/**
 * One step of following a log.
 *
 * @param next a checkpoint that `openCheckpoint` opened
 * @param history hashes of 32 bytes from `proveHistory`, between the head's size and the checkpoint's, whichever
 *   is larger
 * @throws {EvidenceError} `wrong-log` for a checkpoint of another origin
 */
export function followLog(
  sha256: Sha256,
  log: FollowedLog,
  next: SignedCheckpoint,
  history?: readonly Uint8Array[],
): FollowStep {
  const { origin } = log;
  if (next.checkpoint.origin !== origin) {
    throw new EvidenceError("wrong-log", "expected a checkpoint of the log that is followed");
  }
  if (log.state === "forked") return { log, verdict: "forked" };
  const forked = (evidence: ForkEvidence): FollowStep => ({
    log: { state: "forked", origin, evidence },
    verdict: "forked",
  });
  if (hasImpossibleRoot(next)) return forked({ kind: "impossible-root", signed: next });
  if (log.state === "new") return { log: { state: "following", origin, head: next }, verdict: "first" };

  const { head } = log;
  const grows = next.checkpoint.size > head.checkpoint.size;
  const [smaller, larger] = grows ? [head, next] : [next, head];
  const believed: FollowStep = grows
    ? { log: { state: "following", origin, head: next }, verdict: "advanced" }
    : { log, verdict: "rolled-back" };
  if (next.checkpoint.size === head.checkpoint.size) {
    return equalBytes(next.checkpoint.root, head.checkpoint.root)
      ? { log, verdict: "unchanged" }
      : forked({ kind: "two-roots", one: head, other: next });
  }
  // Every tree begins with the empty one, whose root was checked.
  if (smaller.checkpoint.size === 0) return believed;
  if (history === undefined) {
    const [smallerSize, largerSize] = [smaller.checkpoint.size, larger.checkpoint.size];
    return { log, verdict: "proof-needed", smallerSize, largerSize };
  }
  switch (judgeHistory(sha256, smaller, larger, history)) {
    case "same":
      return believed;
    case "other":
      return forked({ kind: "other-history", smaller, larger, history });
    case "unproven":
      return { log, verdict: "proof-refused" };
  }
}

/** Whether a checkpoint of no leaves has another root than such a tree has. */
export function hasImpossibleRoot({ checkpoint }: SignedCheckpoint): boolean {
  return checkpoint.size === 0 && !equalBytes(checkpoint.root, emptyRoot());
}

/** What a history proof shows about two checkpoints of one log: the same history, another one, or nothing. */
export function judgeHistory(
  sha256: Sha256,
  smaller: SignedCheckpoint,
  larger: SignedCheckpoint,
  history: readonly Uint8Array[],
): "same" | "other" | "unproven" {
  const roots = rootsOfHistory(sha256, smaller.checkpoint.size, larger.checkpoint.size, history);
  if (roots === undefined || !equalBytes(roots.newRoot, larger.checkpoint.root)) return "unproven";
  return equalBytes(roots.oldRoot, smaller.checkpoint.root) ? "same" : "other";
}
