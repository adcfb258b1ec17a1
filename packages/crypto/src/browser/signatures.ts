import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes } from "../bytes.ts";
import { requireLength } from "../checks.ts";
import { makeCose } from "../cose.ts";
import { isAcceptableEd25519PublicKey } from "../ed25519-public-key.ts";
import type { SigningKey, VerifyKey } from "../signature-keys.ts";
import {
  requireP256Scalar,
  requireSigningKey,
  requireVerifyKey,
  SIGNATURE_BYTES,
} from "../signature-keys.ts";

/** Ed25519 signature (RFC 8032 §5.1.6), 64 bytes, of `message` under a 32-byte seed. */
export function ed25519Sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  requireLength("an EdDSA secret key", secretKey, 32);
  return ed25519.sign(message, secretKey);
}

/**
 * Whether `signature` is `message`'s under an Ed25519 key (RFC 8032 §5.1.7, without the cofactor; small-order
 * and non-canonical keys refused). Any malformed part gives `false`.
 */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || !isAcceptableEd25519PublicKey(publicKey)) return false;
  // The library checks the equation times the cofactor, OpenSSL without it. A signer could craft a signature
  // that one side takes and the other refuses, so the stricter equation is checked here.
  const { Point } = ed25519;
  const encodedR = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  try {
    const a = Point.fromBytes(publicKey);
    const k = littleEndian(sha512(concatBytes(encodedR, publicKey, message))) % Point.Fn.ORDER;
    const r = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
    return equalBytes(r.toBytes(), encodedR);
  } catch {
    return false; // the bytes are no point of the curve
  }
}

/** A new Ed25519 key pair. */
export function ed25519Generate(): SigningKey {
  return ed25519FromSecret(ed25519.utils.randomSecretKey());
}

/**
 * The key pair of a 32-byte seed.
 *
 * @throws {CryptoError} `bad-length`
 */
export function ed25519FromSecret(secretKey: Uint8Array): SigningKey {
  requireLength("an EdDSA secret key", secretKey, 32);
  return { alg: "EdDSA", secretKey: secretKey.slice(), publicKey: ed25519.getPublicKey(secretKey) };
}

/** ECDSA on P-256 with SHA-256 (FIPS 186-5, deterministic by RFC 6979): `r || s`, 64 bytes, big-endian. */
export function p256Sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  requireP256Scalar(secretKey);
  return p256.sign(message, secretKey, { lowS: false });
}

/**
 * Whether `signature` (`r || s`) is `message`'s under a P-256 key (65 bytes, `04 || x || y`).
 * Any malformed part gives `false`. `s` may be high or low: ECDSA signatures are not unique names.
 */
export function p256Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== 65 || publicKey[0] !== 4) return false;
  try {
    return p256.verify(signature, message, publicKey, { lowS: false });
  } catch {
    return false; // the bytes are no point of the curve
  }
}

/** A new P-256 key pair. */
export function p256Generate(): SigningKey {
  return p256FromSecret(p256.utils.randomSecretKey());
}

/**
 * The key pair of a 32-byte scalar.
 *
 * @throws {CryptoError} `bad-length`; `bad-key` unless 0 < scalar < group order
 */
export function p256FromSecret(secretKey: Uint8Array): SigningKey {
  requireP256Scalar(secretKey);
  return { alg: "ES256", secretKey: secretKey.slice(), publicKey: p256.getPublicKey(secretKey, false) };
}

/** Signs with whichever algorithm the key is for. */
export function sign(key: SigningKey, message: Uint8Array): Uint8Array {
  requireSigningKey(key);
  return key.alg === "EdDSA" ? ed25519Sign(key.secretKey, message) : p256Sign(key.secretKey, message);
}

/** Verifies with whichever algorithm the key is for. */
export function verify(key: VerifyKey, message: Uint8Array, signature: Uint8Array): boolean {
  requireVerifyKey(key);
  return key.alg === "EdDSA"
    ? ed25519Verify(key.publicKey, message, signature)
    : p256Verify(key.publicKey, message, signature);
}

/** COSE_Sign1 with `@noble/*`; see `Cose` for the contracts. */
export const { coseSign1, coseVerify1 } = makeCose({ sign, verify });

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return value;
}
