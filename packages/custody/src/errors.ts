/**
 * Why a call of this package could not be carried out.
 *
 * - `malformed`: bytes that are not the one encoding of what they should be;
 * - `too-large`: longer than such a message may be; nothing was decoded;
 * - `unknown-version`: a version of the message that this code does not know;
 * - `invalid-argument`: a fault of the caller: thresholds, indices or lengths out of range.
 *
 * A proof that does not verify, or a custodian who lies, is an expected outcome and comes back as a value.
 */
export type CustodyErrorCode = "malformed" | "too-large" | "unknown-version" | "invalid-argument";

/** The only error this package throws; the text names the field, never its content. */
export class CustodyError extends Error {
  override readonly name = "CustodyError";
  readonly code: CustodyErrorCode;

  constructor(code: CustodyErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
