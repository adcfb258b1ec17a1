import { describe, expect, it } from "vitest";
import { base64, crypto, sha256, vectors } from "../evidence.fixture.ts";
import { consistencyProofOf, historyRanges, verifyConsistency } from "./consistency.ts";
import { emptyRoot, foldSubtrees, hashLeaf } from "./hashing.ts";
import { inclusionRanges, verifyInclusion } from "./inclusion.ts";
import { completeNodes } from "./ranges.ts";

const { fromHex, toHex } = crypto;
const { rfc6962 } = vectors;
const leaves = rfc6962.leaf_inputs_hex.map((input) => hashLeaf(sha256, fromHex(input)));
const root = (size: number) => fromHex(rfc6962.root_by_size_hex[size] ?? "");

/** Root of any run of the eight leaves whose start the RFC could cut at. */
function hashOfRange({ start, end }: { start: number; end: number }): Uint8Array {
  const hashes = completeNodes({ start, end }).map(({ level, index }) => {
    const first = index * 2 ** level;
    const below = leaves.slice(first, first + 2 ** level);
    return below.length === 1
      ? foldSubtrees(sha256, below)
      : foldSubtrees(sha256, [
          hashOfRange({ start: first, end: first + 2 ** level / 2 }),
          hashOfRange({ start: first + 2 ** level / 2, end: first + 2 ** level }),
        ]);
  });
  return foldSubtrees(sha256, hashes);
}

describe("RFC 6962", () => {
  it("leaf hashes and roots are the published ones", () => {
    expect(leaves.map(toHex)).toEqual(rfc6962.leaf_hashes_hex);
    expect(toHex(emptyRoot())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(rfc6962.root_by_size_hex).toHaveLength(9);
    rfc6962.root_by_size_hex.forEach((expected, size) => {
      expect(toHex(hashOfRange({ start: 0, end: size }))).toBe(expected);
    });
  });

  it("all 36 inclusion proofs of trees of 1 to 8 leaves are made and verified", () => {
    expect(rfc6962.inclusion_all_1_to_8).toHaveLength(36);
    for (const { index, size, proof } of rfc6962.inclusion_all_1_to_8) {
      expect(inclusionRanges(index, size).map((range) => toHex(hashOfRange(range)))).toEqual(proof);
      const leafHash = leaves[index] ?? new Uint8Array();
      const claim = { index, size, root: root(size), leafHash, proof: proof.map(fromHex) };
      expect(verifyInclusion(sha256, claim)).toBe(true);
    }
  });

  it("all 36 consistency proofs between trees of 1 to 8 leaves are made and verified", () => {
    expect(rfc6962.consistency_all_1_to_8).toHaveLength(36);
    for (const { size1, size2, proof } of rfc6962.consistency_all_1_to_8) {
      const history = size1 === size2 ? [] : historyRanges(size1, size2).map(hashOfRange);
      expect(consistencyProofOf(size1, history).map(toHex)).toEqual(proof);
      const claim = { oldSize: size1, oldRoot: root(size1), newSize: size2, newRoot: root(size2) };
      expect(verifyConsistency(sha256, { ...claim, proof: proof.map(fromHex) })).toBe(true);
    }
  });
});

describe("cases of transparency-dev/merkle", () => {
  it("98 inclusion cases are judged as their source judges them", () => {
    expect(vectors.external_inclusion).toHaveLength(98);
    const judged = vectors.external_inclusion.map(({ leafIdx, treeSize, src, ...one }) => ({
      src,
      valid: verifyInclusion(sha256, {
        index: leafIdx,
        size: treeSize,
        root: base64(one.root),
        leafHash: base64(one.leafHash),
        proof: (one.proof ?? []).map(base64),
      }),
    }));
    expect(judged).toEqual(vectors.external_inclusion.map(({ src, valid }) => ({ src, valid })));
  });

  it("97 of 98 consistency cases are; the last one has roots that are not 32 bytes", () => {
    expect(vectors.external_consistency).toHaveLength(98);
    const differing = vectors.external_consistency.filter(
      ({ size1, size2, root1, root2, proof, valid }) =>
        valid !==
        verifyConsistency(sha256, {
          oldSize: size1,
          oldRoot: base64(root1),
          newSize: size2,
          newRoot: base64(root2),
          proof: (proof ?? []).map(base64),
        }),
    );
    expect(differing.map(({ desc, root1, valid }) => ({ desc, root1, valid }))).toEqual([
      { desc: "sizes are equal (one) and proof is empty", root1: "ZG9uJ3QgY2FyZSAy", valid: true },
    ]);
  });
});
