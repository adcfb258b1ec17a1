import fc from "fast-check";
import { expect, it } from "vitest";
import { CustodyError } from "./errors.ts";
import { makePackage, parsePackage } from "./opening-package.ts";
import { verifyPackage } from "./opening-package-verify.ts";
import { COMMUNITY_SEED, makePackageWorld } from "./testing/package-world.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
/** Each of these checks a whole ceremony. */
const verifiedRuns = Math.ceil(Math.min(numRuns, 400) / 20);
const { content, pinned } = await makePackageWorld();
const text = makePackage(content, COMMUNITY_SEED);

const near = fc
  .tuple(fc.nat(text.length - 1), fc.string({ unit: "binary", maxLength: 3 }), fc.nat(3))
  .map(([at, put, drop]) => text.slice(0, at) + put + text.slice(at + drop))
  .filter((changed) => changed !== text);

it("any text is refused with the package's own error, or has its one spelling", () => {
  fc.assert(
    fc.property(fc.oneof(near, fc.json(), fc.string({ unit: "binary" })), (changed) => {
      try {
        const { content: read } = parsePackage(changed);
        expect(read.request.salt).toHaveLength(32);
      } catch (error) {
        expect(error).toBeInstanceOf(CustodyError);
      }
    }),
    { numRuns },
  );
});

it("no changed text verifies", () => {
  fc.assert(
    fc.property(near, (changed) => {
      expect(verifyPackage(changed, pinned).verified).toBe(false);
    }),
    { numRuns: verifiedRuns },
  );
});
