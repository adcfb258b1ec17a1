import { concatBytes } from "@menshen/crypto";
import { EvidenceError } from "../evidence-error.ts";
import { parseCheckpoint } from "../log/checkpoint.ts";
import type { NoteKey, NoteSigning, NoteVerification } from "./note-key.ts";
import { utf8 } from "./note-text.ts";
import type { NoteSignature } from "./signed-note.ts";
import { requireNoteText } from "./signed-note.ts";

/** A signature that was verified. */
export interface VerifiedSignature {
  readonly key: NoteKey;
  /** When the witness saw the checkpoint, Unix seconds; only of a cosignature. Signed, not checked against a clock. */
  readonly timeSeconds?: number;
}

const TIME_BYTES = 8;

/**
 * Signs a text with a key of type `ed25519` (C2SP signed-note, "Ed25519 signatures").
 *
 * @param secretKey the key's Ed25519 seed, 32 bytes
 * @throws {EvidenceError} `wrong-key-type`; `invalid-text` when a note cannot hold the text
 */
export function signNote(
  crypto: NoteSigning,
  key: NoteKey,
  secretKey: Uint8Array,
  text: string,
): NoteSignature {
  requireType(key, "ed25519");
  requireNoteText(text);
  return { name: key.name, keyId: key.keyId, signature: crypto.ed25519Sign(secretKey, utf8(text)) };
}

/**
 * Cosigns a checkpoint with a key of type `ed25519-cosignature` (C2SP tlog-cosignature, cosignature/v1).
 * The caller has checked before that the checkpoint continues the largest one it knows, and has stored it.
 *
 * @param secretKey the key's Ed25519 seed, 32 bytes
 * @param text the whole text of the checkpoint's note, extension lines included
 * @param timeSeconds now, Unix seconds
 * @throws {EvidenceError} `wrong-key-type`; `invalid-checkpoint`; `invalid-time` unless 0 ≤ time < 2^53
 */
export function cosignCheckpoint(
  crypto: NoteSigning,
  key: NoteKey,
  secretKey: Uint8Array,
  text: string,
  timeSeconds: number,
): NoteSignature {
  requireType(key, "ed25519-cosignature");
  if (parseCheckpoint(text) === undefined) {
    throw new EvidenceError("invalid-checkpoint", "expected the text of a checkpoint to cosign");
  }
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds < 0) {
    throw new EvidenceError("invalid-time", `expected whole Unix seconds, got ${timeSeconds}`);
  }
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(timeSeconds));
  const signature = crypto.ed25519Sign(secretKey, cosignedMessage(timeSeconds, text));
  return { name: key.name, keyId: key.keyId, signature: concatBytes(time, signature) };
}

/**
 * Verifies one signature under the key of its name and id.
 *
 * @returns `undefined` when it is not that key's signature of the text, when a cosignature stands under something
 *   that is no checkpoint, or gives a time of 2^53 s and more (285 million years ahead)
 */
export function verifyNoteSignature(
  crypto: NoteVerification,
  key: NoteKey,
  text: string,
  { signature }: NoteSignature,
): VerifiedSignature | undefined {
  if (key.type === "ed25519") {
    return crypto.ed25519Verify(key.publicKey, utf8(text), signature) ? { key } : undefined;
  }
  if (signature.length <= TIME_BYTES || parseCheckpoint(text) === undefined) return undefined;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const timeSeconds = Number(time);
  const message = cosignedMessage(timeSeconds, text);
  const valid = crypto.ed25519Verify(key.publicKey, message, signature.subarray(TIME_BYTES));
  return valid ? { key, timeSeconds } : undefined;
}

/** C2SP tlog-cosignature, "Ed25519 signed message". */
function cosignedMessage(timeSeconds: number, text: string): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`);
}

function requireType(key: NoteKey, type: NoteKey["type"]): void {
  if (key.type !== type) {
    throw new EvidenceError("wrong-key-type", `expected a key of type ${type}, got ${key.type}`);
  }
}
