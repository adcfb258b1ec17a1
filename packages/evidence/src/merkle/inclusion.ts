import { equalBytes } from "@menshen/crypto";
import { HASH_BYTES, isSize } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import type { Sha256 } from "./hashing.ts";
import { hashNode } from "./hashing.ts";
import type { LeafRange } from "./ranges.ts";
import { splitOf } from "./ranges.ts";

/** A claim that a leaf stands in a tree, and the proof. */
export interface InclusionClaim {
  /** Place of the leaf, from 0. */
  readonly index: number;
  /** Count of leaves in the tree. */
  readonly size: number;
  /** Root of the tree, from a checkpoint that was verified. 32 bytes. */
  readonly root: Uint8Array;
  /** {@link hashLeaf} of the entry. 32 bytes. */
  readonly leafHash: Uint8Array;
  /** Hashes of 32 bytes, from the leaf's sibling upwards (RFC 6962 §2.1.1). */
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows the leaf at that place of that tree (RFC 9162 §2.1.3.2). Anything malformed gives `false`. */
export function verifyInclusion(sha256: Sha256, claim: InclusionClaim): boolean {
  const { index, size, root, leafHash, proof } = claim;
  if (!isSize(index) || !isSize(size) || index >= size) return false;
  if ([root, leafHash, ...proof].some((hash) => hash.length !== HASH_BYTES)) return false;
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = hashNode(sha256, sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = hashNode(sha256, hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(hash, root);
}

/**
 * The subtrees whose hashes are the inclusion proof of a leaf, in the proof's order (RFC 6962 §2.1.1).
 *
 * @throws {EvidenceError} `outside-tree` unless 0 ≤ index < size
 */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!isSize(index) || !isSize(size) || index >= size) {
    throw new EvidenceError("outside-tree", `expected a leaf of a tree of ${size} leaves, got leaf ${index}`);
  }
  const ranges: LeafRange[] = [];
  let range: LeafRange = { start: 0, end: size };
  while (range.end - range.start > 1) {
    const split = splitOf(range);
    const left = { start: range.start, end: split };
    const right = { start: split, end: range.end };
    ranges.push(index < split ? right : left);
    range = index < split ? left : right;
  }
  return ranges.reverse();
}
