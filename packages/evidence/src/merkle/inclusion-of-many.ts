import { equalBytes } from "@menshen/crypto";
import { HASH_BYTES, isSize } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import type { Sha256 } from "./hashing.ts";
import { hashNode } from "./hashing.ts";
import type { LeafRange } from "./ranges.ts";
import { splitOf } from "./ranges.ts";

/** A leaf and its place in the tree. */
export interface PlacedLeaf {
  readonly index: number;
  /** {@link hashLeaf} of the entry. 32 bytes. */
  readonly leafHash: Uint8Array;
}

/** A claim that all these leaves stand in one tree, and one proof for all. */
export interface InclusionOfManyClaim {
  /** At least one, by rising index. */
  readonly leaves: readonly PlacedLeaf[];
  readonly size: number;
  /** Root of the tree, from a checkpoint that was verified. 32 bytes. */
  readonly root: Uint8Array;
  /** Hashes of 32 bytes of the subtrees that hold none of the leaves, from left to right. */
  readonly proof: readonly Uint8Array[];
}

/**
 * Whether one proof shows all the leaves at their places of that tree. The tree is walked as RFC 6962 §2.1 cuts it: a
 * subtree without any of the leaves takes the next hash of the proof. Anything malformed gives `false`.
 */
export function verifyInclusionOfMany(sha256: Sha256, claim: InclusionOfManyClaim): boolean {
  const { leaves, size, root, proof } = claim;
  if (!isSize(size) || !areRising(leaves, size)) return false;
  const hashes = [root, ...proof, ...leaves.map(({ leafHash }) => leafHash)];
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) return false;
  let taken = 0;

  /** Hash of a range; leaves from `from` to before `to` lie in it. */
  function hashOf(range: LeafRange, from: number, to: number): Uint8Array | undefined {
    if (from === to) return proof[taken++];
    if (range.end - range.start === 1) return leaves[from]?.leafHash;
    const split = splitOf(range);
    const cut = firstAtOrAfter(leaves, split, from, to);
    const left = hashOf({ start: range.start, end: split }, from, cut);
    const right = hashOf({ start: split, end: range.end }, cut, to);
    return left === undefined || right === undefined ? undefined : hashNode(sha256, left, right);
  }

  const computed = hashOf({ start: 0, end: size }, 0, leaves.length);
  return computed !== undefined && taken === proof.length && equalBytes(computed, root);
}

/**
 * The subtrees whose hashes are the common proof of these leaves, in the proof's order.
 *
 * @param indices at least one, rising
 * @throws {EvidenceError} `outside-tree` for indices that do not rise or lie outside the tree
 */
export function inclusionOfManyRanges(indices: readonly number[], size: number): LeafRange[] {
  const leaves = indices.map((index) => ({ index }));
  if (!isSize(size) || !areRising(leaves, size)) {
    throw new EvidenceError("outside-tree", `expected rising leaves of a tree of ${size} leaves`);
  }
  const ranges: LeafRange[] = [];
  const walk = (range: LeafRange, from: number, to: number) => {
    if (from === to) {
      ranges.push(range);
      return;
    }
    if (range.end - range.start === 1) return;
    const split = splitOf(range);
    const cut = firstAtOrAfter(leaves, split, from, to);
    walk({ start: range.start, end: split }, from, cut);
    walk({ start: split, end: range.end }, cut, to);
  };
  walk({ start: 0, end: size }, 0, leaves.length);
  return ranges;
}

interface Placed {
  readonly index: number;
}

function areRising(leaves: readonly Placed[], size: number): boolean {
  let least = 0;
  for (const { index } of leaves) {
    if (!isSize(index) || index < least || index >= size) return false;
    least = index + 1;
  }
  return leaves.length > 0;
}

/** The first of `leaves[from..to)` that stands at `index` or behind it; `to` if none does. */
function firstAtOrAfter(leaves: readonly Placed[], index: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((leaves[middle]?.index ?? index) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
