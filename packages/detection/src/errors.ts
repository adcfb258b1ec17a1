/** Why the engine could not begin: a fault of the caller. What is wrong with a line of input is a value. */
export type DetectionErrorCode = "invalid-settings";

/** The only error this package throws; callers look at `code`, never at the text. */
export class DetectionError extends Error {
  readonly code: DetectionErrorCode;

  constructor(code: DetectionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "DetectionError";
    this.code = code;
  }
}
