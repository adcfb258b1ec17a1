import { createSecretKey, type KeyObject } from "node:crypto";

/**
 * A key for ciphers and HMACs of `node:crypto`. They take bytes too, but throw and catch an error inside to learn that
 * these are none of their own objects: that costs four times as much as a block of AES.
 */
export function secretOf(key: Uint8Array): KeyObject {
  return createSecretKey(key);
}
