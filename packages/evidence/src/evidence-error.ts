/** What a caller did wrong. Whatever comes from outside (notes, proofs, tiles) is judged by values instead. */
export type EvidenceErrorCode =
  | "ambiguous-keys"
  | "bad-length"
  | "invalid-checkpoint"
  | "invalid-key-name"
  | "invalid-text"
  | "invalid-time"
  | "invalid-topic"
  | "outside-tree"
  | "wrong-key-type"
  | "wrong-log";

/** The only error this package throws; callers look at `code`, never at the text. */
export class EvidenceError extends Error {
  readonly code: EvidenceErrorCode;

  constructor(code: EvidenceErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "EvidenceError";
    this.code = code;
  }
}
