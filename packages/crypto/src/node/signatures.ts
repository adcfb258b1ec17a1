import * as nodeCrypto from "node:crypto";
import { concatBytes, fromHex, toHex } from "../bytes.ts";
import { requireLength } from "../checks.ts";
import { makeCose } from "../cose.ts";
import { CryptoError } from "../crypto-error.ts";
import { isAcceptableEd25519PublicKey } from "../ed25519-public-key.ts";
import type { SigningKey, VerifyKey } from "../signature-keys.ts";
import {
  requireP256Scalar,
  requireSigningKey,
  requireVerifyKey,
  SIGNATURE_BYTES,
} from "../signature-keys.ts";

// DER around the raw keys. RFC 8410 §4 and §7 (Ed25519); RFC 5480 §2.1.1 and RFC 5915 §3 (P-256).
const ed25519Spki = fromHex("302a300506032b6570032100");
const ed25519Pkcs8 = fromHex("302e020100300506032b657004220420");
const p256Spki = fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
const p256Pkcs8 = fromHex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420");

/** Ed25519 signature (RFC 8032 §5.1.6), 64 bytes, of `message` under a 32-byte seed. */
export function ed25519Sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(nodeCrypto.sign(null, message, ed25519Private(secretKey)));
}

/**
 * Whether `signature` is `message`'s under an Ed25519 key (RFC 8032 §5.1.7, without the cofactor; small-order
 * and non-canonical keys refused). Any malformed part gives `false`.
 */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || !isAcceptableEd25519PublicKey(publicKey)) return false;
  try {
    return nodeCrypto.verify(null, message, publicObject(ed25519Spki, publicKey), signature);
  } catch {
    return false; // the bytes are no point of the curve
  }
}

/** A new Ed25519 key pair. */
export function ed25519Generate(): SigningKey {
  return ed25519FromSecret(new Uint8Array(nodeCrypto.randomBytes(32)));
}

/**
 * The key pair of a 32-byte seed.
 *
 * @throws {CryptoError} `bad-length`
 */
export function ed25519FromSecret(secretKey: Uint8Array): SigningKey {
  const publicKey = rawPublic(ed25519Private(secretKey), ed25519Spki);
  return { alg: "EdDSA", secretKey: secretKey.slice(), publicKey };
}

/** ECDSA on P-256 with SHA-256 (FIPS 186-5): `r || s`, 64 bytes, big-endian. */
export function p256Sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  const key = p256Private(secretKey);
  return new Uint8Array(nodeCrypto.sign("sha256", message, { key, dsaEncoding: "ieee-p1363" }));
}

/**
 * Whether `signature` (`r || s`) is `message`'s under a P-256 key (65 bytes, `04 || x || y`).
 * Any malformed part gives `false`. `s` may be high or low: ECDSA signatures are not unique names.
 */
export function p256Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== 65 || publicKey[0] !== 4) return false;
  try {
    const key = publicObject(p256Spki, publicKey);
    return nodeCrypto.verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false; // the bytes are no point of the curve
  }
}

/** A new P-256 key pair. */
export function p256Generate(): SigningKey {
  const { privateKey } = nodeCrypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  return signingKeyOf(privateKey);
}

/**
 * The key pair of a 32-byte scalar.
 *
 * @throws {CryptoError} `bad-length`; `bad-key` unless 0 < scalar < group order
 */
export function p256FromSecret(secretKey: Uint8Array): SigningKey {
  const publicKey = rawPublic(p256Private(secretKey), p256Spki);
  return { alg: "ES256", secretKey: secretKey.slice(), publicKey };
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

/** COSE_Sign1 with `node:crypto`; see `Cose` for the contracts. */
export const { coseSign1, coseVerify1 } = makeCose({ sign, verify });

/** PKCS#8 PEM text of a key pair (RFC 7468 §10). */
export function signingKeyToPem(key: SigningKey): string {
  requireSigningKey(key);
  const object = key.alg === "EdDSA" ? ed25519Private(key.secretKey) : p256Private(key.secretKey);
  return object.export({ type: "pkcs8", format: "pem" }).toString();
}

/**
 * The key pair in a PKCS#8 (or SEC 1) PEM text.
 *
 * @throws {CryptoError} `bad-encoding` for anything else; `bad-key` for a key that is neither Ed25519 nor P-256
 */
export function signingKeyFromPem(pem: string): SigningKey {
  return signingKeyOf(parsedPem(() => nodeCrypto.createPrivateKey(pem)));
}

/** SPKI PEM text of a public key (RFC 7468 §13). */
export function verifyKeyToPem(key: VerifyKey): string {
  requireVerifyKey(key);
  const object = usable(() => publicObject(key.alg === "EdDSA" ? ed25519Spki : p256Spki, key.publicKey));
  return object.export({ type: "spki", format: "pem" }).toString();
}

/**
 * The public key in an SPKI PEM text or in an X.509 certificate's PEM text.
 *
 * @throws {CryptoError} `bad-encoding` for anything else; `bad-key` for a key that is neither Ed25519 nor P-256
 */
export function verifyKeyFromPem(pem: string): VerifyKey {
  return verifyKeyOf(parsedPem(() => nodeCrypto.createPublicKey(pem)));
}

function parsedPem(parse: () => nodeCrypto.KeyObject): nodeCrypto.KeyObject {
  try {
    return parse();
  } catch (cause) {
    throw new CryptoError("bad-encoding", "expected one key in PEM", { cause });
  }
}

function usable(make: () => nodeCrypto.KeyObject): nodeCrypto.KeyObject {
  try {
    return make();
  } catch (cause) {
    throw new CryptoError("bad-key", "expected a key of its curve", { cause });
  }
}

function signingKeyOf(object: nodeCrypto.KeyObject): SigningKey {
  const { alg, publicKey } = verifyKeyOf(nodeCrypto.createPublicKey(object));
  const { d } = object.export({ format: "jwk" });
  if (d === undefined) throw new CryptoError("bad-key", "expected a private key");
  return { alg, publicKey, secretKey: new Uint8Array(Buffer.from(d, "base64url")) };
}

function verifyKeyOf(object: nodeCrypto.KeyObject): VerifyKey {
  const der = new Uint8Array(object.export({ type: "spki", format: "der" }));
  if (startsWith(der, ed25519Spki)) {
    const publicKey = der.slice(ed25519Spki.length);
    if (isAcceptableEd25519PublicKey(publicKey)) return { alg: "EdDSA", publicKey };
  }
  if (startsWith(der, p256Spki)) return { alg: "ES256", publicKey: der.slice(p256Spki.length) };
  throw new CryptoError(
    "bad-key",
    `expected an Ed25519 or P-256 key, got ${object.asymmetricKeyType ?? "none"}`,
  );
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return toHex(bytes.subarray(0, prefix.length)) === toHex(prefix);
}

function ed25519Private(secretKey: Uint8Array): nodeCrypto.KeyObject {
  requireLength("an EdDSA secret key", secretKey, 32);
  return privateObject(ed25519Pkcs8, secretKey);
}

function p256Private(secretKey: Uint8Array): nodeCrypto.KeyObject {
  requireP256Scalar(secretKey);
  return privateObject(p256Pkcs8, secretKey);
}

function privateObject(prefix: Uint8Array, secretKey: Uint8Array): nodeCrypto.KeyObject {
  const der = Buffer.from(concatBytes(prefix, secretKey));
  try {
    return usable(() => nodeCrypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  } finally {
    der.fill(0);
  }
}

/** @throws when the bytes are no point of the curve */
function publicObject(prefix: Uint8Array, publicKey: Uint8Array): nodeCrypto.KeyObject {
  const key = Buffer.from(concatBytes(prefix, publicKey));
  return nodeCrypto.createPublicKey({ key, format: "der", type: "spki" });
}

function rawPublic(privateKey: nodeCrypto.KeyObject, prefix: Uint8Array): Uint8Array {
  const der = nodeCrypto.createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return new Uint8Array(der).slice(prefix.length);
}
