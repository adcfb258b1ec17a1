/** Why the compiler could not use its input. Damaged documents are no exceptions: loading answers them as values. */
export type PolicyErrorCode =
  | "invalid-model"
  | "invalid-period"
  | "invalid-version"
  | "unknown-gate"
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
