import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crypto, sha256, storedLog } from "../evidence.fixture.ts";
import { naiveInclusion, naiveLeaves, naiveRoot } from "../naive-tree.fixture.ts";
import { proveInclusionOfMany } from "../tiles/prove.ts";
import { inclusionOfManyRanges, verifyInclusionOfMany } from "./inclusion-of-many.ts";

const leaves = naiveLeaves(700);
const { toHex } = crypto;
const placed = (indices: readonly number[]) =>
  indices.map((index) => ({ index, leafHash: leaves[index] ?? new Uint8Array() }));
const rangesOf = (indices: readonly number[], size: number) =>
  inclusionOfManyRanges(indices, size).map(({ start, end }) => [start, end]);

/** Rising leaves of a tree of up to 700. */
const choices = fc.integer({ min: 1, max: 700 }).chain((size) =>
  fc.tuple(
    fc.constant(size),
    fc
      .uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1, maxLength: 40 })
      .map((indices) => indices.toSorted((a, b) => a - b)),
  ),
);

it("the proof holds the subtrees without any of the leaves, from left to right", () => {
  // Eleven leaves: 8 + 2 + 1.
  expect(rangesOf([2, 3, 9], 11)).toEqual([
    [0, 2],
    [4, 8],
    [8, 9],
    [10, 11],
  ]);
  expect(rangesOf([0, 1, 2], 3)).toEqual([]);
  expect(rangesOf([0], 1)).toEqual([]);
});

it("one proof shows all leaves, and none that stands elsewhere, with any hash changed, too many or too few", async () => {
  await fc.assert(
    fc.asyncProperty(
      choices,
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      async ([size, indices], place, bit) => {
        const log = storedLog(size);
        const made = await proveInclusionOfMany(sha256, log.source, log.head, indices);
        if (!made.read) throw new Error(made.path);
        const claim = { leaves: placed(indices), ...log.head, proof: made.proof };
        expect(verifyInclusionOfMany(sha256, claim)).toBe(true);
        expect(verifyInclusionOfMany(sha256, { ...claim, proof: [...made.proof, log.head.root] })).toBe(
          false,
        );
        const hashes = [...made.proof, ...claim.leaves.map(({ leafHash }) => leafHash)];
        const flipped = hashes.map((hash, i) => {
          const copy = hash.slice();
          if (i === place % hashes.length) copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          return copy;
        });
        const changed = {
          ...claim,
          proof: flipped.slice(0, made.proof.length),
          leaves: claim.leaves.map(({ index }, i) => ({
            index,
            leafHash: flipped[made.proof.length + i] ?? new Uint8Array(),
          })),
        };
        expect(verifyInclusionOfMany(sha256, changed)).toBe(false);
        if (made.proof.length > 0) {
          expect(verifyInclusionOfMany(sha256, { ...claim, proof: made.proof.slice(1) })).toBe(false);
        }
        if (indices.length > 1) {
          const [first, second, ...others] = claim.leaves;
          if (first === undefined || second === undefined) throw new Error("two");
          const swapped = [
            { index: first.index, leafHash: second.leafHash },
            { index: second.index, leafHash: first.leafHash },
            ...others,
          ];
          expect(verifyInclusionOfMany(sha256, { ...claim, leaves: swapped })).toBe(false);
          expect(verifyInclusionOfMany(sha256, { ...claim, leaves: claim.leaves.slice(1) })).toBe(false);
        }
      },
    ),
    { numRuns: 60 },
  );
});

it("for one leaf it holds the hashes of its inclusion proof", async () => {
  const log = storedLog(300);
  for (const index of [0, 7, 255, 256, 299]) {
    const made = await proveInclusionOfMany(sha256, log.source, log.head, [index]);
    if (!made.read) throw new Error(made.path);
    const single = naiveInclusion(index, leaves.slice(0, 300));
    expect(made.proof.map(toHex).toSorted()).toEqual(single.map(toHex).toSorted());
  }
});

describe("a claim is refused with", () => {
  const five = leaves.slice(0, 5);
  const claim = {
    leaves: placed([1, 2]),
    size: 5,
    root: naiveRoot(five),
    proof: [five[0], five[3], five[4]].flatMap((hash) => hash ?? []),
  };
  const [one, two] = claim.leaves;
  if (one === undefined || two === undefined) throw new Error("two");

  it.each([
    ["no leaf at all", { leaves: [], proof: [claim.root] }],
    ["a leaf twice", { leaves: [one, one, two] }],
    ["leaves that fall", { leaves: [two, one] }],
    ["a negative index", { leaves: [{ ...one, index: -1 }, two] }],
    ["an index that is no integer", { leaves: [{ ...one, index: 1.5 }, two] }],
    ["an index that is no number", { leaves: [{ ...one, index: Number.NaN }, two] }],
    ["an index outside", { leaves: [one, { ...two, index: 5 }] }],
    ["a size of nothing", { size: 0 }],
    ["a size beyond 2^53", { size: 2 ** 53 }],
    ["the size of a tree of another shape", { size: 9 }],
    ["a root of 31 bytes", { root: claim.root.subarray(1) }],
    ["a hash of 31 bytes in the proof", { proof: claim.proof.map((hash) => hash.subarray(1)) }],
    ["an empty leaf hash", { leaves: [one, { ...two, leafHash: new Uint8Array() }] }],
    ["hashes in reverse", { proof: claim.proof.toReversed() }],
  ])("%s", (_what, change) => {
    expect(verifyInclusionOfMany(sha256, claim)).toBe(true);
    expect(verifyInclusionOfMany(sha256, { ...claim, ...change })).toBe(false);
  });

  it("and no proof is made for such leaves", () => {
    for (const indices of [[], [1, 1], [2, 1], [5], [-1], [0.5]]) {
      expect(() => inclusionOfManyRanges(indices, 5)).toThrow(
        expect.objectContaining({ code: "outside-tree" }),
      );
    }
  });
});
