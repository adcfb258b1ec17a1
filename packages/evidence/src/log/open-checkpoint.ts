import { EvidenceError } from "../evidence-error.ts";
import type { NoteKey, NoteVerification } from "../note/note-key.ts";
import type { VerifiedSignature } from "../note/note-signature.ts";
import type { NoteRefusal } from "../note/verify-note.ts";
import { verifyNote } from "../note/verify-note.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { parseCheckpoint } from "./checkpoint.ts";

/** A log as a verifier is configured for it. */
export interface LogIdentity {
  readonly origin: string;
  /** Type `ed25519`; several while a key is being replaced. */
  readonly logKeys: readonly NoteKey[];
  /** Type `ed25519-cosignature`. */
  readonly witnessKeys: readonly NoteKey[];
}

/** A checkpoint together with the note that proves who signed it. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Uint8Array;
}

/** Why a checkpoint is refused. */
export type CheckpointRefusal = NoteRefusal | "malformed-checkpoint" | "wrong-origin" | "no-log-signature";

/** An opened checkpoint, or why not. */
export type CheckpointOpened =
  | {
      readonly opened: true;
      readonly signed: SignedCheckpoint;
      /** Known witnesses that cosigned, each once. How many are enough is the caller's policy. */
      readonly cosignatures: readonly VerifiedSignature[];
    }
  | { readonly opened: false; readonly refusal: CheckpointRefusal };

/**
 * Verifies a checkpoint: signed by the log, about the log, with the cosignatures of known witnesses.
 *
 * @throws {EvidenceError} `wrong-key-type` when a key stands in the wrong list; `ambiguous-keys` when a key could
 *   count twice, also as log and as witness
 */
export function openCheckpoint(
  crypto: NoteVerification,
  note: Uint8Array,
  log: LogIdentity,
): CheckpointOpened {
  requireTypes(log);
  const result = verifyNote(crypto, note, [...log.logKeys, ...log.witnessKeys]);
  if (!result.verified) return { opened: false, refusal: result.refusal };
  const cosignatures = result.signatures.filter(({ key }) => key.type === "ed25519-cosignature");
  if (cosignatures.length === result.signatures.length) return { opened: false, refusal: "no-log-signature" };
  const checkpoint = parseCheckpoint(result.text);
  if (checkpoint === undefined) return { opened: false, refusal: "malformed-checkpoint" };
  if (checkpoint.origin !== log.origin) return { opened: false, refusal: "wrong-origin" };
  return { opened: true, signed: { checkpoint, note: note.slice() }, cosignatures };
}

function requireTypes({ logKeys, witnessKeys }: LogIdentity): void {
  const fit =
    logKeys.every(({ type }) => type === "ed25519") &&
    witnessKeys.every(({ type }) => type === "ed25519-cosignature");
  if (!fit) {
    throw new EvidenceError("wrong-key-type", "expected log keys that sign and witness keys that cosign");
  }
}
