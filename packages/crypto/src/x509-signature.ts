/** Hash functions of signatures that time-stamping authorities and their certificates use. */
export type SignatureHash = "SHA-256" | "SHA-384" | "SHA-512";

/** A public key as certificates carry it. */
export interface SpkiKey {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly kind: "RSA" | "P-256" | "P-384";
}

/**
 * Whether a signature holds: RSASSA-PKCS1-v1_5 (RFC 8017 §8.2), or ECDSA (FIPS 186-5) as `r || s`. By WebCrypto, which a
 * browser offers to pages of HTTPS, of localhost and of files only. Any malformed part gives `false`.
 */
export async function verifyBySpki(
  { spki, kind }: SpkiKey,
  hash: SignatureHash,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  try {
    if (kind === "RSA") {
      const rsa = { name: "RSASSA-PKCS1-v1_5", hash };
      const key = await subtle.importKey("spki", Uint8Array.from(spki), rsa, false, ["verify"]);
      return await subtle.verify(rsa.name, key, Uint8Array.from(signature), Uint8Array.from(message));
    }
    const ecdsa = { name: "ECDSA", namedCurve: kind, hash };
    const key = await subtle.importKey("spki", Uint8Array.from(spki), ecdsa, false, ["verify"]);
    return await subtle.verify(ecdsa, key, Uint8Array.from(signature), Uint8Array.from(message));
  } catch {
    return false; // no such key, or bytes that are no signature
  }
}

/** The digest by WebCrypto. */
export async function digestBy(hash: SignatureHash, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest(hash, Uint8Array.from(message)));
}
