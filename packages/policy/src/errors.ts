/**
 * Why the compiler could not use its input: a fault of the caller. A refused change and a damaged document are
 * expected outcomes and come back as values.
 */
export type PolicyErrorCode =
  | "invalid-count"
  | "invalid-model"
  | "invalid-period"
  | "invalid-version"
  | "unknown-time-zone";

/** The only error this package throws; callers look at `code`, never at the text. */
export class PolicyError extends Error {
  readonly code: PolicyErrorCode;

  constructor(code: PolicyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "PolicyError";
    this.code = code;
  }
}
