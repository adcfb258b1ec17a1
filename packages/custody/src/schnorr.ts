import { concatBytes, RISTRETTO_BYTES, RistrettoElement, RistrettoScalar, sha512 } from "@menshen/crypto";
import { ascii } from "./bytes.ts";
import { CustodyError } from "./errors.ts";

/** Length of a signature: R, then z. */
export const SCHNORR_BYTES = 64;

const CHALLENGE_PREFIX = ascii("COCKTAIL-DKG-Ristretto255-SHA512-H7");
const NONCE_PREFIX = ascii("COCKTAIL-DKG-Ristretto255-SHA512-NONCE");

/** Signature of C2SP cocktail-dkg v0.2.1, "Schnorr Sign Algorithm", for COCKTAIL(Ristretto255, SHA-512). */
export function schnorrSign(secretKey: RistrettoScalar, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const publicKey = RistrettoElement.base.times(secretKey);
  const nonce = hashToScalar(NONCE_PREFIX, secretKey.toBytes(), message);
  // Step 3. With a nonce of zero the response would be the key times a number everyone knows.
  if (nonce.isZero) throw new CustodyError("invalid-argument", "expected a nonce other than zero");
  const r = RistrettoElement.base.times(nonce).toBytes();
  const challenge = hashToScalar(CHALLENGE_PREFIX, r, publicKey.toBytes(), message);
  return concatBytes(r, nonce.plus(challenge.times(secretKey)).toBytes());
}

/** "Schnorr Verify Algorithm" of the same specification. Any malformed part gives `false`. */
export function schnorrVerify(
  publicKey: RistrettoElement,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== SCHNORR_BYTES) return false;
  const encodedR = signature.subarray(0, RISTRETTO_BYTES);
  const r = RistrettoElement.parse(encodedR);
  const z = RistrettoScalar.parse(signature.subarray(RISTRETTO_BYTES));
  if (r === undefined || z === undefined) return false;
  const challenge = hashToScalar(CHALLENGE_PREFIX, encodedR, publicKey.toBytes(), message);
  return RistrettoElement.base.timesPublic(z).equals(r.plus(publicKey.timesPublic(challenge)));
}

function hashToScalar(...parts: readonly Uint8Array[]): RistrettoScalar {
  return RistrettoScalar.fromWideBytes(sha512(concatBytes(...parts)));
}
