import fc from "fast-check";
import { expect, it } from "vitest";
import { crypto, sha256, storedLog } from "../evidence.fixture.ts";
import { naiveConsistency, naiveInclusion, naiveLeaves, naiveRoot } from "../naive-tree.fixture.ts";
import { proveConsistency, proveHistory, proveInclusion } from "../tiles/prove.ts";
import { rootsOfHistory, verifyConsistency } from "./consistency.ts";
import { verifyInclusion } from "./inclusion.ts";

const numRuns = 60;
const leaves = naiveLeaves(700);
const { toHex } = crypto;

/** An older and a newer size, both small and across tiles. */
const sizes = fc
  .tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 700 }))
  .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);

it("roots and inclusion proofs are those of the naive tree, and verify nowhere else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 700 }),
      fc.nat(),
      fc.integer({ min: 1, max: 300 }),
      async (size, place, stepSize) => {
        const index = place % size;
        const log = storedLog(size, stepSize);
        const d = leaves.slice(0, size);
        expect(toHex(log.head.root)).toBe(toHex(naiveRoot(d)));
        const made = await proveInclusion(sha256, log.source, log.head, index);
        if (!made.read) throw new Error(made.path);
        expect(made.proof.map(toHex)).toEqual(naiveInclusion(index, d).map(toHex));
        const leafHash = leaves[index] ?? new Uint8Array();
        const claim = { index, ...log.head, leafHash, proof: made.proof };
        expect(verifyInclusion(sha256, claim)).toBe(true);
        expect(verifyInclusion(sha256, { ...claim, index: (index + 1) % (size + 1) })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, proof: [...made.proof, leafHash] })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, proof: made.proof.slice(1) })).toBe(size === 1);
      },
    ),
    { numRuns },
  );
});

it("consistency and history proofs are those of the naive tree, and lead to both roots", async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      async ([oldSize, newSize], place, bit) => {
        const log = storedLog(newSize);
        const oldRoot = naiveRoot(leaves.slice(0, oldSize));
        const made = await proveConsistency(sha256, log.source, log.head, oldSize);
        if (!made.read) throw new Error(made.path);
        expect(made.proof.map(toHex)).toEqual(naiveConsistency(oldSize, leaves.slice(0, newSize)).map(toHex));
        const claim = { oldSize, oldRoot, newSize, newRoot: log.head.root, proof: made.proof };
        expect(verifyConsistency(sha256, claim)).toBe(true);
        if (oldSize === newSize) return;

        const history = await proveHistory(sha256, log.source, log.head, oldSize);
        if (!history.read) throw new Error(history.path);
        expect(rootsOfHistory(sha256, oldSize, newSize, history.proof)).toEqual({
          oldRoot,
          newRoot: log.head.root,
        });
        const flipped = made.proof.map((hash) => hash.slice());
        const target = flipped[place % flipped.length];
        if (target !== undefined) target[bit >> 3] = (target[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyConsistency(sha256, { ...claim, proof: flipped })).toBe(false);
        expect(verifyConsistency(sha256, { ...claim, proof: [...made.proof, oldRoot] })).toBe(false);
        expect(verifyConsistency(sha256, { ...claim, proof: made.proof.slice(0, -1) })).toBe(false);
      },
    ),
    { numRuns },
  );
});

it("sizes beyond 32 bits are cut as RFC 6962 cuts them", () => {
  // A tree of 2^40 + 1 leaves: the last one hangs beside a complete tree of 40 levels.
  const size = 2 ** 40 + 1;
  const [last, complete] = [leaves[0] ?? new Uint8Array(), leaves[1] ?? new Uint8Array()];
  const root = sha256(crypto.concatBytes(Uint8Array.of(1), complete, last));
  const claim = { index: 2 ** 40, size, root, leafHash: last, proof: [complete] };
  expect(verifyInclusion(sha256, claim)).toBe(true);
  expect(verifyInclusion(sha256, { ...claim, index: 0 })).toBe(false);
  const grown = { oldSize: 2 ** 40, oldRoot: complete, newSize: size, newRoot: root, proof: [last] };
  expect(verifyConsistency(sha256, grown)).toBe(true);
  expect(verifyConsistency(sha256, { ...grown, oldSize: 2 ** 40 - 1 })).toBe(false);
});
