/**
 * Why bytes or a value were refused:
 * - `too-large`: longer than the message may be; nothing was decoded;
 * - `malformed`: not well-formed CBOR, or with bytes behind its end;
 * - `not-canonical`: well-formed but not the deterministic encoding (RFC 8949 §4.2.1);
 * - `unknown-version`: a version of the message that this code does not know;
 * - `invalid`: a field is missing, of the wrong type or out of its range.
 */
export type WireErrorCode = "too-large" | "malformed" | "not-canonical" | "unknown-version" | "invalid";

/** The only error this package throws; the text names the field, never its content. */
export class WireError extends Error {
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "WireError";
    this.code = code;
  }
}
