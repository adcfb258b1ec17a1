import { expect, it } from "vitest";
import vectors from "../vectors/xchacha20-poly1305.json" with { type: "json" };
import { CryptoError } from "./crypto-error.ts";
import { fromHex, toHex, XCHACHA_TAG_BYTES, xchachaOpen, xchachaSeal } from "./node/index.ts";

const [key, nonce, aad] = [fromHex(vectors.key), fromHex(vectors.nonce), fromHex(vectors.aad)];

it("seals and opens the draft's example", () => {
  const sealed = xchachaSeal(key, nonce, fromHex(vectors.plaintext), aad);
  expect(toHex(sealed)).toBe(vectors.ciphertext + vectors.tag);
  expect(toHex(xchachaOpen(key, nonce, sealed, aad) ?? new Uint8Array())).toBe(vectors.plaintext);
});

it("opens nothing that was changed", () => {
  const sealed = xchachaSeal(key, nonce, fromHex(vectors.plaintext), aad);
  for (const index of [0, sealed.length - 1]) {
    const changed = sealed.slice();
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(xchachaOpen(key, nonce, changed, aad)).toBeUndefined();
  }
  expect(xchachaOpen(key, nonce, sealed)).toBeUndefined();
  expect(xchachaOpen(key, nonce, sealed.subarray(0, XCHACHA_TAG_BYTES - 1), aad)).toBeUndefined();
});

it("refuses keys and nonces of another length", () => {
  expect(() => xchachaSeal(key.subarray(1), nonce, aad)).toThrow(CryptoError);
  expect(() => xchachaOpen(key, nonce.subarray(12), aad)).toThrow(CryptoError);
});
