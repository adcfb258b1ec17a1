import type { TotpParameters } from "./totp.ts";

/**
 * The synchronous symmetric set. `@menshen/crypto` (any JavaScript runtime) and `@menshen/crypto/node`
 * (`node:crypto`) both satisfy it, so a protocol package takes it as an argument and runs on either.
 *
 * Every function returns a new array and leaves its arguments untouched. Wrong lengths throw `CryptoError`
 * with `bad-length`; results that depend on the other side's honesty are values.
 */
export interface Primitives {
  /**
   * One AES block, ECB (FIPS 197): the building block of CMAC, LRP and IV derivation, never a mode for data.
   *
   * @param key 16, 24 or 32 bytes
   * @param block 16 bytes
   * @returns 16 bytes
   */
  readonly aesEncryptBlock: (key: Uint8Array, block: Uint8Array) => Uint8Array;

  /**
   * AES-CBC without padding (SP 800-38A §6.2).
   *
   * @param key 16, 24 or 32 bytes
   * @param iv 16 bytes
   * @param data a multiple of 16 bytes, may be empty
   */
  readonly aesCbcEncrypt: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array;

  /** Inverse of {@link aesCbcEncrypt}; same lengths. CBC alone authenticates nothing. */
  readonly aesCbcDecrypt: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array;

  /**
   * AES-CMAC (RFC 4493; with longer keys SP 800-38B).
   *
   * @param key 16, 24 or 32 bytes
   * @returns the whole 16-byte tag
   */
  readonly aesCmac: (key: Uint8Array, message: Uint8Array) => Uint8Array;

  /** SHA-256 (FIPS 180-4): 32 bytes. */
  readonly sha256: (bytes: Uint8Array) => Uint8Array;

  /** HMAC with SHA-256 (RFC 2104): 32 bytes. Any key length. */
  readonly hmacSha256: (key: Uint8Array, data: Uint8Array) => Uint8Array;

  /**
   * HKDF with SHA-256, extract and expand (RFC 5869).
   *
   * @param lengthBytes 1 to 8160 (255 hashes)
   */
  readonly hkdfSha256: (
    ikm: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array,
    lengthBytes: number,
  ) => Uint8Array;

  /**
   * AES-GCM (SP 800-38D): ciphertext followed by the 16-byte tag. A nonce must never repeat under one key.
   *
   * @param key 16, 24 or 32 bytes
   * @param nonce 12 bytes
   */
  readonly aesGcmSeal: (
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    aad?: Uint8Array,
  ) => Uint8Array;

  /**
   * Opens what {@link aesGcmSeal} made.
   *
   * @returns the plaintext, or `undefined` when the tag does not verify or the input is shorter than a tag
   */
  readonly aesGcmOpen: (
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    aad?: Uint8Array,
  ) => Uint8Array | undefined;

  /**
   * The public key of an X25519 secret key (RFC 7748 §6.1).
   *
   * @param secretKey 32 bytes, any
   * @returns 32 bytes
   */
  readonly x25519PublicKey: (secretKey: Uint8Array) => Uint8Array;

  /**
   * X25519 (RFC 7748 §5).
   *
   * @param secretKey 32 bytes
   * @param publicKey 32 bytes of somebody else's
   * @returns the 32 shared bytes, or `undefined` for a public key of small order, which would make them zero
   */
  readonly x25519Agree: (secretKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | undefined;

  /**
   * Whether two byte strings are equal, in a time that depends on their lengths only.
   * Different lengths are unequal; lengths are not secret here.
   */
  readonly constantTimeEqual: (a: Uint8Array, b: Uint8Array) => boolean;

  /**
   * Bytes of the operating system's generator.
   *
   * @param lengthBytes 0 to 65536
   */
  readonly randomBytes: (lengthBytes: number) => Uint8Array;

  /** One-time code for a moment (RFC 6238): see {@link TotpParameters}. */
  readonly totp: (parameters: TotpParameters) => string;
}
