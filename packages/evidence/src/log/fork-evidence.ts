import { equalBytes } from "@menshen/crypto";
import type { NoteVerification } from "../note/note-key.ts";
import type { ForkEvidence } from "./follow-log.ts";
import { hasImpossibleRoot, judgeHistory } from "./follow-log.ts";
import type { LogIdentity, SignedCheckpoint } from "./open-checkpoint.ts";
import { openCheckpoint } from "./open-checkpoint.ts";

/**
 * Whether evidence proves, to somebody who trusts neither the log nor whoever brings it, that the log signed what
 * no append-only log can sign. Reads the notes alone, never the checkpoints beside them.
 *
 * @throws {EvidenceError} as `openCheckpoint`, for an identity that cannot be used
 */
export function isForkProven(crypto: NoteVerification, log: LogIdentity, evidence: ForkEvidence): boolean {
  const opened = ({ note }: SignedCheckpoint): SignedCheckpoint | undefined => {
    const result = openCheckpoint(crypto, note, log);
    return result.opened ? result.signed : undefined;
  };
  switch (evidence.kind) {
    case "impossible-root": {
      const signed = opened(evidence.signed);
      return signed !== undefined && hasImpossibleRoot(signed);
    }
    case "two-roots": {
      const one = opened(evidence.one)?.checkpoint;
      const other = opened(evidence.other)?.checkpoint;
      if (one === undefined || other === undefined) return false;
      return one.size === other.size && !equalBytes(one.root, other.root);
    }
    case "other-history": {
      const smaller = opened(evidence.smaller);
      const larger = opened(evidence.larger);
      if (smaller === undefined || larger === undefined) return false;
      return judgeHistory(crypto.sha256, smaller, larger, evidence.history) === "other";
    }
  }
}
