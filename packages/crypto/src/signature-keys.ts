import { fromHex } from "./bytes.ts";
import { requireLength } from "./checks.ts";
import { CryptoError } from "./crypto-error.ts";

/** Signature algorithms this system knows (RFC 9053 §2): Ed25519, and ECDSA on P-256 with SHA-256. */
export type SignatureAlgorithm = "EdDSA" | "ES256";

/** What a signature is checked with. */
export interface VerifyKey {
  readonly alg: SignatureAlgorithm;
  /** EdDSA: 32 bytes. ES256: 65 bytes, uncompressed point `04 || x || y` (SEC 1 §2.3.3). */
  readonly publicKey: Uint8Array;
}

/** What a signature is made with. */
export interface SigningKey extends VerifyKey {
  /** EdDSA: 32-byte seed (RFC 8032 §5.1.5). ES256: 32-byte scalar, big-endian. */
  readonly secretKey: Uint8Array;
}

/** Length of every signature here: Ed25519 `R || S`, ECDSA `r || s`. */
export const SIGNATURE_BYTES = 64;

/** @throws {CryptoError} `bad-length` when a key's parts do not fit its algorithm */
export function requireVerifyKey(key: VerifyKey): void {
  requireLength(`an ${key.alg} public key`, key.publicKey, key.alg === "EdDSA" ? 32 : 65);
}

/** @throws {CryptoError} `bad-length` when a key's parts do not fit its algorithm */
export function requireSigningKey(key: SigningKey): void {
  requireVerifyKey(key);
  requireLength(`an ${key.alg} secret key`, key.secretKey, 32);
}

/** n, the order of the P-256 group (SP 800-186 §3.2.1.3), big-endian. */
const p256Order = fromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/**
 * OpenSSL takes 0 and values of n and above without a word, so both modules ask here.
 *
 * @throws {CryptoError} `bad-length`; `bad-key` unless 0 < scalar < n
 */
export function requireP256Scalar(secretKey: Uint8Array): void {
  requireLength("an ES256 secret key", secretKey, 32);
  // Subtracting n byte by byte: a final borrow means the scalar is smaller. No branch depends on the secret.
  let borrow = 0;
  let anyBit = 0;
  for (let i = 31; i >= 0; i -= 1) {
    const digit = secretKey[i] ?? 0;
    borrow = (digit - (p256Order[i] ?? 0) - borrow) >>> 31;
    anyBit |= digit;
  }
  if (borrow === 0 || anyBit === 0) {
    throw new CryptoError("bad-key", "expected a scalar above 0 and below the group order");
  }
}
