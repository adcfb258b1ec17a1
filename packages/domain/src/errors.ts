/** Why a value was refused by a parsing constructor of this package. */
export type DomainErrorCode =
  | "invalid-id"
  | "invalid-bytes"
  | "invalid-grade"
  | "invalid-time"
  | "invalid-schedule"
  | "invalid-value"
  | "malformed"
  | "not-canonical"
  | "too-large";

/** The only error this package throws; callers look at `code`, never at the text. */
export class DomainError extends Error {
  readonly code: DomainErrorCode;

  constructor(code: DomainErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "DomainError";
    this.code = code;
  }
}
