import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256, NotSupportedError } from "@hpke/core";
import { requireLength } from "./checks.ts";
import { CryptoError } from "./crypto-error.ts";

/** Length of an X25519 key, public or secret, and of an encapsulated key (RFC 9180 §7.1). */
const X25519_BYTES = 32;

/** An X25519 key pair for {@link hpkeOpen}. */
export interface HpkeKey {
  /** 32 bytes, u-coordinate (RFC 7748 §5). */
  readonly publicKey: Uint8Array;
  /** 32 bytes. */
  readonly secretKey: Uint8Array;
}

/** What {@link hpkeSeal} makes; both parts travel. */
export interface HpkeSealed {
  /** Encapsulated key, 32 bytes. */
  readonly enc: Uint8Array;
  /** Plaintext length plus a 16-byte tag. */
  readonly ciphertext: Uint8Array;
}

/** RFC 9180 with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: identifiers 0020, 0001, 0002. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/**
 * Encrypts one message to a public key, RFC 9180 §6.1 in base mode: only the recipient reads it, and the
 * recipient learns nothing about who sent it (sign it where that matters).
 *
 * @throws {CryptoError} `bad-length` or `bad-key` for an unfit public key; `unavailable` without WebCrypto X25519
 */
export async function hpkeSeal(input: {
  readonly recipientPublicKey: Uint8Array;
  /** Binds the ciphertext to a purpose; both sides give the same bytes. */
  readonly info: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly aad?: Uint8Array;
}): Promise<HpkeSealed> {
  requireLength("an X25519 public key", input.recipientPublicKey, X25519_BYTES);
  try {
    const recipientPublicKey = await suite.kem.importKey("raw", owned(input.recipientPublicKey), true);
    const sealed = await suite.seal(
      { recipientPublicKey, info: owned(input.info) },
      owned(input.plaintext),
      owned(input.aad ?? new Uint8Array()),
    );
    return { enc: new Uint8Array(sealed.enc), ciphertext: new Uint8Array(sealed.ct) };
  } catch (cause) {
    throw unusable(cause, "expected a usable X25519 public key");
  }
}

/**
 * Decrypts what {@link hpkeSeal} made for this key, with the same `info` and `aad`.
 *
 * @returns the plaintext, or `undefined` when anything does not fit: another key, other `info` or `aad`,
 *   changed bytes
 * @throws {CryptoError} `bad-length` for an unfit key pair; `unavailable` without WebCrypto X25519
 */
export async function hpkeOpen(input: {
  readonly key: HpkeKey;
  readonly enc: Uint8Array;
  readonly info: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly aad?: Uint8Array;
}): Promise<Uint8Array | undefined> {
  requireLength("an X25519 public key", input.key.publicKey, X25519_BYTES);
  requireLength("an X25519 secret key", input.key.secretKey, X25519_BYTES);
  if (input.enc.length !== X25519_BYTES) return undefined;
  try {
    const recipientKey = {
      publicKey: await suite.kem.importKey("raw", owned(input.key.publicKey), true),
      privateKey: await suite.kem.importKey("raw", owned(input.key.secretKey), false),
    };
    const opened = await suite.open(
      { recipientKey, enc: owned(input.enc), info: owned(input.info) },
      owned(input.ciphertext),
      owned(input.aad ?? new Uint8Array()),
    );
    return new Uint8Array(opened);
  } catch (cause) {
    if (cause instanceof NotSupportedError) throw unusable(cause, "");
    return undefined;
  }
}

/** A new key pair for {@link hpkeOpen}. */
export async function hpkeGenerate(): Promise<HpkeKey> {
  try {
    const { publicKey, privateKey } = await suite.kem.generateKeyPair();
    return {
      publicKey: new Uint8Array(await suite.kem.serializePublicKey(publicKey)),
      secretKey: new Uint8Array(await suite.kem.serializePrivateKey(privateKey)),
    };
  } catch (cause) {
    throw unusable(cause, "expected to generate an X25519 key");
  }
}

function unusable(cause: unknown, message: string): CryptoError {
  return cause instanceof NotSupportedError
    ? new CryptoError("unavailable", "expected WebCrypto with X25519", { cause })
    : new CryptoError("bad-key", message, { cause });
}

/** The library takes whole buffers; a view's neighbours must not go along. */
function owned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
