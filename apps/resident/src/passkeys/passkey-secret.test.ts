import fc from "fast-check";
import { expect, test } from "vitest";
import { openSeed, prfInput, sealSeed } from "./passkey-secret.ts";

const PRF = Uint8Array.from({ length: 32 }, (_, index) => index);
const SEED = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const HERE = "0190a000-0000-7000-8000-000000000001";

test("what a passkey sealed, the same passkey opens, at the same community", () => {
  const sealed = sealSeed(PRF, HERE, SEED);
  expect(sealed).toHaveLength(60);
  expect(openSeed(PRF, HERE, sealed)).toEqual(SEED);
  expect(openSeed(PRF.toReversed(), HERE, sealed)).toBeUndefined();
  expect(openSeed(PRF, "0190a000-0000-7000-8000-000000000002", sealed)).toBeUndefined();
  expect(sealSeed(PRF, HERE, SEED)).not.toEqual(sealed);
});

test("a passkey is asked for something else at another community", () => {
  expect(prfInput(HERE)).not.toEqual(prfInput("0190a000-0000-7000-8000-000000000002"));
});

test("anything else is refused, without throwing", () => {
  const sealed = sealSeed(PRF, HERE, SEED);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = sealed.with(at, (sealed[at] ?? 0) ^ 1);
    expect(openSeed(PRF, HERE, changed)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(openSeed(PRF, HERE, bytes)).toBeUndefined();
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
  );
});
