import { describe, expect, it } from "vitest";
import { crypto, sha256 } from "../evidence.fixture.ts";
import { naiveConsistency, naiveInclusion, naiveLeaves, naiveRoot } from "../naive-tree.fixture.ts";
import { historyRanges, rootsOfHistory, verifyConsistency } from "./consistency.ts";
import { emptyRoot } from "./hashing.ts";
import { inclusionRanges, verifyInclusion } from "./inclusion.ts";

const leaves = naiveLeaves(5);
const root = naiveRoot(leaves);
const none = new Uint8Array();
const claim = { index: 2, size: 5, root, leafHash: leaves[2] ?? none, proof: naiveInclusion(2, leaves) };

describe("an inclusion claim is refused with", () => {
  it.each([
    ["a negative index", { index: -1 }],
    ["an index that is no integer", { index: 2.5 }],
    ["an index that is no number", { index: Number.NaN }],
    ["an index beyond 2^53", { index: 2 ** 64 }],
    ["a size beyond 2^53", { size: 2 ** 53 }],
    ["a size of nothing", { size: 0 }],
    ["a root of 31 bytes", { root: root.subarray(1) }],
    ["a leaf hash of 33 bytes", { leafHash: crypto.concatBytes(claim.leafHash, Uint8Array.of(0)) }],
    ["an empty hash in the proof", { proof: [...claim.proof, none] }],
    ["hashes in reverse", { proof: claim.proof.toReversed() }],
    ["a hash doubled", { proof: [...claim.proof, ...claim.proof.slice(-1)] }],
  ])("%s", (_what, change) => {
    expect(verifyInclusion(sha256, claim)).toBe(true);
    expect(verifyInclusion(sha256, { ...claim, ...change })).toBe(false);
  });
});

it("a proof longer than the tree is high shows nothing, even where its hashes add up", () => {
  const [leafHash = none, sibling = none] = leaves;
  const sum = crypto.sha256(crypto.concatBytes(Uint8Array.of(1), sibling, leafHash));
  expect(verifyInclusion(sha256, { index: 0, size: 1, root: sum, leafHash, proof: [sibling] })).toBe(false);
  expect(rootsOfHistory(sha256, 1, 2, [leafHash, sibling])).toBeDefined();
  expect(rootsOfHistory(sha256, 1, 2, [leafHash, sibling, sibling])).toBeUndefined();
});

describe("a consistency claim", () => {
  it("with a good proof is refused for another old root, another new root, other sizes", () => {
    for (let newSize = 2; newSize <= 5; newSize += 1) {
      for (let oldSize = 1; oldSize < newSize; oldSize += 1) {
        const [oldTree, newTree] = [leaves.slice(0, oldSize), leaves.slice(0, newSize)];
        const good = {
          oldSize,
          oldRoot: naiveRoot(oldTree),
          newSize,
          newRoot: naiveRoot(newTree),
          proof: naiveConsistency(oldSize, newTree),
        };
        const other = new Uint8Array(32).fill(7);
        expect(verifyConsistency(sha256, good)).toBe(true);
        expect(verifyConsistency(sha256, { ...good, oldRoot: other })).toBe(false);
        expect(verifyConsistency(sha256, { ...good, newRoot: other })).toBe(false);
        expect(verifyConsistency(sha256, { ...good, oldRoot: good.newRoot, newRoot: good.oldRoot })).toBe(
          false,
        );
        expect(verifyConsistency(sha256, { ...good, oldSize: newSize, newSize: oldSize })).toBe(false);
      }
    }
  });

  const empty = { oldSize: 0, oldRoot: emptyRoot(), newSize: 5, newRoot: root, proof: [] };

  it("from the empty tree needs its root and an empty proof", () => {
    expect(verifyConsistency(sha256, empty)).toBe(true);
    expect(verifyConsistency(sha256, { ...empty, oldRoot: root })).toBe(false);
    expect(verifyConsistency(sha256, { ...empty, proof: [root] })).toBe(false);
    expect(verifyConsistency(sha256, { ...empty, newSize: 0 })).toBe(false);
    expect(verifyConsistency(sha256, { ...empty, newSize: 0, newRoot: emptyRoot() })).toBe(true);
  });

  it("is refused when the sizes are none or fall", () => {
    for (const [oldSize, newSize] of [
      [6, 5],
      [-1, 5],
      [1.5, 5],
      [5, 2 ** 53],
    ] as const) {
      expect(verifyConsistency(sha256, { ...empty, oldSize, newSize, oldRoot: root })).toBe(false);
    }
  });
});

it("a history that fits no sizes leads nowhere", () => {
  expect(rootsOfHistory(sha256, 0, 5, [root])).toBeUndefined();
  expect(rootsOfHistory(sha256, 5, 5, [root])).toBeUndefined();
  expect(rootsOfHistory(sha256, 3, 5, [])).toBeUndefined();
  expect(rootsOfHistory(sha256, 3, 5, [root, none])).toBeUndefined();
  expect(rootsOfHistory(sha256, 3, 5, [root, root])).toBeUndefined();
});

it("asking for a proof of what the tree does not hold is the caller's fault", () => {
  for (const ask of [
    () => inclusionRanges(5, 5),
    () => inclusionRanges(-1, 5),
    () => inclusionRanges(0, 2 ** 53),
    () => historyRanges(0, 5),
    () => historyRanges(5, 5),
    () => historyRanges(6, 5),
  ]) {
    expect(ask).toThrow(expect.objectContaining({ code: "outside-tree" }));
  }
});
