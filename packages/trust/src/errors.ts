/**
 * - `bad-request`: a certificate request is not DER PKCS#10, its key is not P-256 or it is not signed by that key;
 * - `bad-name`: its subject does not name who it must;
 * - `bad-certificate`: bytes are no certificate of the kind expected;
 * - `bad-code`: an enrolment code is not of the form that servers print.
 */
export type TrustErrorCode = "bad-request" | "bad-name" | "bad-certificate" | "bad-code";

/** The only error this package throws. */
export class TrustError extends Error {
  readonly code: TrustErrorCode;

  constructor(code: TrustErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "TrustError";
    this.code = code;
  }
}
