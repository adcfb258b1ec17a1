import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { requireLength } from "./checks.ts";

/** Length of the tag that {@link xchachaSeal} appends. */
export const XCHACHA_TAG_BYTES = 16;

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03 §2): ciphertext followed by a 16-byte tag. The cipher has no
 * tables, so JavaScript computes it in a time that tells nothing of the key.
 *
 * @param key 32 bytes
 * @param nonce 24 bytes; a nonce must never repeat under one key
 * @throws {CryptoError} `bad-length`
 */
export function xchachaSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad?: Uint8Array,
): Uint8Array {
  requireLengths(key, nonce);
  return xchacha20poly1305(key, nonce, aad).encrypt(plaintext);
}

/**
 * Opens what {@link xchachaSeal} made.
 *
 * @returns the plaintext, or `undefined` when the tag does not verify or the input is shorter than a tag
 * @throws {CryptoError} `bad-length` for key or nonce
 */
export function xchachaOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  aad?: Uint8Array,
): Uint8Array | undefined {
  requireLengths(key, nonce);
  try {
    return xchacha20poly1305(key, nonce, aad).decrypt(sealed);
  } catch {
    return undefined; // key and nonce fit: what is left is a tag that does not verify, or too few bytes
  }
}

function requireLengths(key: Uint8Array, nonce: Uint8Array): void {
  requireLength("an XChaCha20 key", key, 32);
  requireLength("an XChaCha20 nonce", nonce, 24);
}
