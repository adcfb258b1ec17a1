import { requireLength } from "./checks.ts";

/**
 * The compressed form of a P-256 key (SEC 1 §2.3.3).
 *
 * @param publicKey 65 bytes, `04 || x || y`
 * @returns 33 bytes, `02` or `03` and x
 * @throws {CryptoError} `bad-length`
 */
export function p256Compress(publicKey: Uint8Array): Uint8Array {
  requireLength("an ES256 public key", publicKey, 65);
  return Uint8Array.of(2 | ((publicKey[64] ?? 0) & 1), ...publicKey.subarray(1, 33));
}
