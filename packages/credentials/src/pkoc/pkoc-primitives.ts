import type { CcmOptions, Primitives } from "@menshen/crypto";

/**
 * What PKOC needs of cryptography. `@menshen/crypto` and `@menshen/crypto/node` satisfy it as a whole
 * (`import * as primitives`).
 */
export interface PkocPrimitives extends Pick<Primitives, "sha256"> {
  /** ECDSA with SHA-256, `r || s`, 64 bytes. */
  readonly p256Sign: (secretKey: Uint8Array, message: Uint8Array) => Uint8Array;
  readonly p256Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  /** ECDH: 32-byte x coordinate, or `undefined` for bytes that are no uncompressed point. */
  readonly p256Agree: (secretKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | undefined;
  /** 33 bytes to 65, or `undefined` for bytes that are no compressed point. */
  readonly p256Decompress: (compressed: Uint8Array) => Uint8Array | undefined;
  readonly isP256Point: (publicKey: Uint8Array) => boolean;
  readonly aesCcmSeal: (
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    options?: CcmOptions,
  ) => Uint8Array;
  readonly aesCcmOpen: (
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    options?: CcmOptions,
  ) => Uint8Array | undefined;
}

/** A P-256 key pair: secret scalar of 32 bytes, public point of 65 bytes (`04 || x || y`). */
export interface PkocKeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}
