import { equalBytes } from "@menshen/crypto";
import { HASH_BYTES, isSize } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import type { Sha256 } from "./hashing.ts";
import { emptyRoot, hashNode } from "./hashing.ts";
import type { LeafRange } from "./ranges.ts";
import { splitOf } from "./ranges.ts";

/** A claim that one tree is the beginning of another, and the proof. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  /** 32 bytes. */
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  /** 32 bytes. */
  readonly newRoot: Uint8Array;
  /** Hashes of 32 bytes in the order of RFC 6962 §2.1.2; none when the sizes are equal or the old one is 0. */
  readonly proof: readonly Uint8Array[];
}

/** The two roots that a history proof leads to. */
export interface HistoryRoots {
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
}

/**
 * Whether the proof shows that the new tree begins with the old one (RFC 9162 §2.1.4.2).
 * Anything malformed gives `false`. As C2SP tlog-witness demands, the tree without leaves has its own root, begins
 * every tree, and needs an empty proof.
 */
export function verifyConsistency(sha256: Sha256, claim: ConsistencyClaim): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if ([oldRoot, newRoot, ...proof].some((hash) => hash.length !== HASH_BYTES)) return false;
  if (oldSize === 0 && !equalBytes(oldRoot, emptyRoot())) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0;
  // RFC 9162 §2.1.4.2 step 2: the old root is itself a node of the new tree, so the proof leaves it out.
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  const roots = rootsOfHistory(sha256, oldSize, newSize, path);
  return roots !== undefined && equalBytes(roots.oldRoot, oldRoot) && equalBytes(roots.newRoot, newRoot);
}

/**
 * The roots of both trees that a *history proof* leads to: a consistency proof that always begins with the subtree
 * at the old tree's end, also where RFC 6962 leaves it out because the verifier has it.
 *
 * So it can convict: when `newRoot` is the one that the log signed, then `oldRoot` is the only root that its first
 * `oldSize` leaves can have, and another one signed by that log is a fork. A failing proof of RFC 6962 may just as
 * well be a damaged proof.
 *
 * @returns `undefined` when the count or length of hashes does not fit the sizes, or unless 0 < oldSize < newSize
 */
export function rootsOfHistory(
  sha256: Sha256,
  oldSize: number,
  newSize: number,
  history: readonly Uint8Array[],
): HistoryRoots | undefined {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize === 0 || oldSize >= newSize) return undefined;
  const [first, ...others] = history;
  if (first === undefined || history.some((hash) => hash.length !== HASH_BYTES)) return undefined;
  let node = oldSize - 1;
  let last = newSize - 1;
  const up = () => {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  };
  while (node % 2 === 1) up();
  let oldRoot = first;
  let newRoot = first;
  for (const hash of others) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      oldRoot = hashNode(sha256, hash, oldRoot);
      newRoot = hashNode(sha256, hash, newRoot);
      while (node % 2 === 0 && node !== 0) up();
    } else {
      newRoot = hashNode(sha256, newRoot, hash);
    }
    up();
  }
  return last === 0 ? { oldRoot, newRoot } : undefined;
}

/**
 * The subtrees whose hashes are the history proof between two trees, in the proof's order
 * (RFC 6962 §2.1.2, SUBPROOF, with its first element always there).
 *
 * @throws {EvidenceError} `outside-tree` unless 0 < oldSize < newSize
 */
export function historyRanges(oldSize: number, newSize: number): LeafRange[] {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize === 0 || oldSize >= newSize) {
    throw new EvidenceError(
      "outside-tree",
      `expected an older tree below ${newSize} leaves that is not empty, got ${oldSize} leaves`,
    );
  }
  const ranges: LeafRange[] = [];
  let range: LeafRange = { start: 0, end: newSize };
  while (range.end !== oldSize) {
    const split = splitOf(range);
    const left = { start: range.start, end: split };
    const right = { start: split, end: range.end };
    ranges.push(oldSize <= split ? right : left);
    range = oldSize <= split ? left : right;
  }
  ranges.push(range);
  return ranges.reverse();
}

/** What of a history proof is the consistency proof of RFC 6962 §2.1.2: all, or all but the old root itself. */
export function consistencyProofOf(oldSize: number, history: readonly Uint8Array[]): Uint8Array[] {
  return history.slice(isPowerOfTwo(oldSize) ? 1 : 0);
}

function isPowerOfTwo(size: number): boolean {
  let power = 1;
  while (power < size) power *= 2;
  return power === size;
}
