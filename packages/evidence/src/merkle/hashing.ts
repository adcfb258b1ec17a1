import type { Primitives } from "@menshen/crypto";
import { fromHex } from "@menshen/crypto";
import { HASH_BYTES } from "../checks.ts";

/** SHA-256, as both entries of `@menshen/crypto` offer it. */
export type Sha256 = Primitives["sha256"];

/** Root of the tree without leaves, SHA-256 of nothing (RFC 6962 §2.1). A new array. */
export function emptyRoot(): Uint8Array {
  return fromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/** Hash of one entry as a leaf, 32 bytes (RFC 6962 §2.1: prefix 00, so that no node can pass for a leaf). */
export function hashLeaf(sha256: Sha256, entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha256(input);
}

/** Hash of a node over its two children, 32 bytes each (RFC 6962 §2.1: prefix 01). */
export function hashNode(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/**
 * Joins the hashes of adjacent subtrees, largest first, into the hash of all their leaves.
 * That is how RFC 6962 §2.1 splits a tree: left the largest power of two, right the rest.
 */
export function foldSubtrees(sha256: Sha256, hashes: readonly Uint8Array[]): Uint8Array {
  const joined = hashes.reduceRight<Uint8Array | undefined>(
    (right, left) => (right === undefined ? left : hashNode(sha256, left, right)),
    undefined,
  );
  return joined ?? emptyRoot();
}
