import { CryptoError } from "./crypto-error.ts";

/** Largest request `crypto.getRandomValues` serves in one call; the same limit everywhere. */
const MAX_RANDOM_BYTES = 65_536;

const AES_BLOCK_BYTES = 16;

/** @throws {CryptoError} `bad-length` */
export function requireLength(what: string, bytes: Uint8Array, ...allowed: readonly number[]): void {
  if (!allowed.includes(bytes.length)) {
    throw new CryptoError(
      "bad-length",
      `expected ${what} of ${allowed.join(" or ")} bytes, got ${bytes.length}`,
    );
  }
}

/** @throws {CryptoError} `bad-length` unless the key is 16, 24 or 32 bytes */
export function requireAesKey(key: Uint8Array): void {
  requireLength("an AES key", key, 16, 24, 32);
}

/** @throws {CryptoError} `bad-length` unless key, IV and data fit unpadded AES-CBC */
export function requireCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): void {
  requireAesKey(key);
  requireLength("an IV", iv, AES_BLOCK_BYTES);
  if (data.length % AES_BLOCK_BYTES !== 0) {
    throw new CryptoError("bad-length", `expected whole blocks of 16 bytes, got ${data.length} bytes`);
  }
}

/** @throws {CryptoError} `bad-length` unless the key is an AES key and the nonce 12 bytes */
export function requireGcm(key: Uint8Array, nonce: Uint8Array): void {
  requireAesKey(key);
  requireLength("a GCM nonce", nonce, 12);
}

/** @throws {CryptoError} `bad-length` unless 1 ≤ `lengthBytes` ≤ 8160 (RFC 5869 §2.3) */
export function requireHkdfLength(lengthBytes: number): void {
  if (!Number.isInteger(lengthBytes) || lengthBytes < 1 || lengthBytes > 255 * 32) {
    throw new CryptoError("bad-length", `expected an HKDF length of 1 to 8160 bytes, got ${lengthBytes}`);
  }
}

/** @throws {CryptoError} `bad-length` unless 0 ≤ `lengthBytes` ≤ 65536 */
export function requireRandomLength(lengthBytes: number): void {
  if (!Number.isInteger(lengthBytes) || lengthBytes < 0 || lengthBytes > MAX_RANDOM_BYTES) {
    throw new CryptoError("bad-length", `expected 0 to ${MAX_RANDOM_BYTES} random bytes, got ${lengthBytes}`);
  }
}

/** @throws {CryptoError} `bad-length` unless every key is 32 bytes */
export function requireX25519(...keys: readonly Uint8Array[]): void {
  for (const key of keys) requireLength("an X25519 key", key, 32);
}
