/**
 * Why a card dialogue could not be carried on.
 *
 * About the way to the card:
 * - `card-removed`: the card left the field, lost power or was reset in mid-dialogue;
 * - `timeout`: no answer within the channel's time;
 * - `closed`: the channel was closed on this side before or during the call;
 * - `transport`: the way to the card failed (socket, reader, daemon);
 * - `pcsc-absent`: no PC/SC daemon listens where it was looked for;
 * - `pcsc-protocol`: the PC/SC daemon speaks another protocol version or answered out of form;
 * - `reader-busy`: another program holds the reader;
 * - `reader-unknown`: no reader of that name.
 *
 * About what was said:
 * - `malformed`: bytes that are no APDU, no Wiegand frame, no answer of the expected form or length;
 * - `card-status`: the card refused a command; `status` holds its answer;
 * - `integrity`: a MAC, padding or proof of the card does not verify;
 * - `exhausted`: a session's command counter is at its end; authenticate again;
 * - `bad-argument`: this side asked for something outside the stated ranges.
 */
export type CredentialErrorCode =
  | "card-removed"
  | "timeout"
  | "closed"
  | "transport"
  | "pcsc-absent"
  | "pcsc-protocol"
  | "reader-busy"
  | "reader-unknown"
  | "malformed"
  | "card-status"
  | "integrity"
  | "exhausted"
  | "bad-argument";

/** The one error class of `@menshen/credentials`. Messages hold no key, identifier or message bytes. */
export class CredentialError extends Error {
  override readonly name = "CredentialError";
  readonly code: CredentialErrorCode;
  /** With `card-status`: the status word (ISO 7816-4 §5.6; native DESFire codes as 91xx). */
  readonly status?: number;

  constructor(
    code: CredentialErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly status?: number },
  ) {
    super(message, options);
    this.code = code;
    if (options?.status !== undefined) this.status = options.status;
  }
}
