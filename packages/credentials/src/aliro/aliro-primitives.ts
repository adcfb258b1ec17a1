import type { Primitives } from "@menshen/crypto";

/**
 * What Aliro needs of cryptography. Both `@menshen/crypto` and `@menshen/crypto/node` satisfy it as a whole
 * (`import * as primitives`), so that a phone's page and a gate run the same protocol.
 */
export interface AliroPrimitives
  extends Pick<Primitives, "sha256" | "hkdfSha256" | "aesGcmSeal" | "aesGcmOpen" | "constantTimeEqual"> {
  /** SHA-1, 20 bytes: key slots and certificate key identifiers are formed with it. */
  readonly sha1: (bytes: Uint8Array) => Uint8Array;
  /** ECDH on P-256: 32-byte x coordinate, or `undefined` for bytes that are no uncompressed point. */
  readonly p256Agree: (secretKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | undefined;
  /** ECDSA with SHA-256, raw `r || s`, 64 bytes. */
  readonly p256Sign: (secretKey: Uint8Array, message: Uint8Array) => Uint8Array;
  readonly p256Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
}

/** A P-256 key pair as Aliro uses it: secret scalar of 32 bytes, public point of 65 bytes (`04 || x || y`). */
export interface AliroKeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Length of an uncompressed P-256 point (SEC 1 §2.3.3). */
export const POINT_BYTES = 65;

/** The x coordinate of an uncompressed point. */
export function xOf(point: Uint8Array): Uint8Array {
  return point.slice(1, 33);
}
