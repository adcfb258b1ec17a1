/**
 * What a caller did wrong; `log-damaged` alone is about stored data: a database or state file that contradicts itself
 * or belongs to another key. Whatever comes from outside (notes, proofs, tiles) is judged by values instead.
 */
export type EvidenceErrorCode =
  | "ambiguous-keys"
  | "bad-length"
  | "invalid-checkpoint"
  | "invalid-key-name"
  | "invalid-text"
  | "invalid-time"
  | "invalid-topic"
  | "log-damaged"
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
