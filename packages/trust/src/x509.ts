// @peculiar/x509 needs the metadata shim before its own first line.
import "reflect-metadata";
import { type SigningKey, signingKeyToPem, type VerifyKey } from "@menshen/crypto/node";
import * as x509 from "@peculiar/x509";

/** ECDSA on P-256 with SHA-256: the only signatures this package makes or accepts. */
export const SIGNING_ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

// RFC 5480 §2.1.1: SubjectPublicKeyInfo of a P-256 key up to its uncompressed point.
const P256_SPKI_PREFIX = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");

/** DER SubjectPublicKeyInfo of a P-256 key. */
export function p256Spki(key: VerifyKey): Uint8Array<ArrayBuffer> {
  const der = new Uint8Array(P256_SPKI_PREFIX.length + key.publicKey.length);
  der.set(P256_SPKI_PREFIX);
  der.set(key.publicKey, P256_SPKI_PREFIX.length);
  return der;
}

/** The key inside a DER SubjectPublicKeyInfo; `undefined` unless it is a P-256 key with an uncompressed point. */
export function p256FromSpki(spki: Uint8Array): VerifyKey | undefined {
  const prefix = spki.subarray(0, P256_SPKI_PREFIX.length);
  if (spki.length !== P256_SPKI_PREFIX.length + 65 || !P256_SPKI_PREFIX.equals(prefix)) return undefined;
  return { alg: "ES256", publicKey: spki.slice(P256_SPKI_PREFIX.length) };
}

export async function webCryptoPrivate(key: SigningKey): Promise<CryptoKey> {
  const der = Buffer.from(signingKeyToPem(key).replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  return await crypto.subtle.importKey("pkcs8", der, SIGNING_ALGORITHM, false, ["sign"]);
}

export async function webCryptoPublic(key: VerifyKey): Promise<CryptoKey> {
  return await crypto.subtle.importKey("spki", p256Spki(key), SIGNING_ALGORITHM, true, ["verify"]);
}

/** Both halves, as the generators of x509 take a self-signer. */
export async function webCryptoPair(key: SigningKey): Promise<CryptoKeyPair> {
  return { privateKey: await webCryptoPrivate(key), publicKey: await webCryptoPublic(key) };
}

/** Whether the bytes are one DER SEQUENCE (X.690 §8.1) with nothing behind it: x509 skips what follows. */
export function fillsOneSequence(der: Uint8Array): boolean {
  const [tag, first] = der;
  if (tag !== 0x30 || first === undefined) return false;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 3) return false;
  let length = lengthBytes === 0 ? first : 0;
  for (const byte of der.subarray(2, 2 + lengthBytes)) length = length * 256 + byte;
  return der.length === 2 + lengthBytes + length;
}

/** A copy in a buffer of its own, as x509 wants it. */
export function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}

export { x509 };
