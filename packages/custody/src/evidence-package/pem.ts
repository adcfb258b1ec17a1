import { concatBytes, fromHex } from "@menshen/crypto";

// RFC 5480 §2.1.1 and RFC 8410 §4: SubjectPublicKeyInfo up to the key itself.
const P256_PREFIX = fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
const ED25519_PREFIX = fromHex("302a300506032b6570032100");

/** DER SubjectPublicKeyInfo of a P-256 key, `04 || x || y`. */
export function p256Spki(publicKey: Uint8Array): Uint8Array {
  return concatBytes(P256_PREFIX, publicKey);
}

/** The same of an Ed25519 key. */
export function ed25519Spki(publicKey: Uint8Array): Uint8Array {
  return concatBytes(ED25519_PREFIX, publicKey);
}

/** The key in PEM (RFC 7468 §13), as OpenSSL writes it. */
export function publicKeyPem(type: "p256" | "ed25519", publicKey: Uint8Array): Uint8Array {
  const spki = type === "p256" ? p256Spki(publicKey) : ed25519Spki(publicKey);
  return pem("PUBLIC KEY", spki);
}

function pem(label: string, der: Uint8Array): Uint8Array {
  const base64 = btoa(String.fromCharCode(...der));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return new TextEncoder().encode(`-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`);
}
