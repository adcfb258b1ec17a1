/**
 * Why a call of this package could not be carried out.
 *
 * - `bad-length`: a byte string has a length the primitive does not take;
 * - `bad-encoding`: text or bytes are not what they claim to be (hex, PEM, a scalar, a curve point);
 * - `bad-key`: the key is of another algorithm or is refused (small order, zero, not on the curve);
 * - `unavailable`: the platform lacks the primitive (no WebCrypto in an insecure browser context).
 *
 * A signature, tag or ciphertext that does not verify is not here: that is an expected outcome and a value.
 */
export type CryptoErrorCode = "bad-length" | "bad-encoding" | "bad-key" | "unavailable";

/** The one error class of `@menshen/crypto`. Messages never contain key or message bytes. */
export class CryptoError extends Error {
  override readonly name = "CryptoError";
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
