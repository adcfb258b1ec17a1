import { ed25519Verify, fromHex } from "@menshen/crypto";
import { expect, test } from "vitest";
import { makeSeed, residentKeyOf } from "./resident-key.ts";

const SEED = Uint8Array.from({ length: 32 }, (_, index) => index);

test("a seed always gives the same keys", () => {
  // Computed by another program (node:crypto: HKDF, then the public keys of the two secrets).
  expect(residentKeyOf(SEED).keys).toEqual({
    authKey: "e17ef2355abc689f7da60122982b96bd7373d0226858c9165f00256733c0c391",
    trailKey: "29b96ac7f948d8b2de68ba8936b4dfb977d46229d3ff6239455429fa30e44d78",
  });
});

test("its signature is the registered key's", () => {
  const key = residentKeyOf(SEED);
  const message = new TextEncoder().encode("text");
  expect(ed25519Verify(fromHex(key.keys.authKey), message, fromHex(key.sign("text")))).toBe(true);
});

test("no two seeds are alike", () => {
  expect(makeSeed()).toHaveLength(32);
  expect(makeSeed()).not.toEqual(makeSeed());
});
