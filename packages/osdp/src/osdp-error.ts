/** Why an operation of this package failed; closed, so that callers can match exhaustively. */
export type OsdpErrorCode =
  /** an argument is outside what the protocol can carry */
  | "invalid-argument"
  /** the key is not 16 bytes, or is one anybody would try first */
  | "weak-key"
  /** a transport name cannot be parsed */
  | "invalid-where"
  /** the transport could not be opened or listened on */
  | "transport-failed"
  /** received bytes do not form the message they claim to be */
  | "malformed-message"
  /** the APDU is longer than one message to this reader can carry */
  | "apdu-too-long"
  /** the card or reader gave no answer in time */
  | "card-timeout"
  /** the card left the field or the channel was closed */
  | "card-gone"
  /** the reader refused the smart-card request */
  | "card-refused"
  /** the reader is offline, or went offline during the operation */
  | "reader-offline"
  /** the bus was stopped */
  | "stopped";

/** The only error class this package throws. `code` is for programs, the text for an engineer's log. */
export class OsdpError extends Error {
  readonly code: OsdpErrorCode;

  constructor(code: OsdpErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "OsdpError";
    this.code = code;
  }
}
