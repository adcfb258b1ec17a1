import { EvidenceError } from "../evidence-error.ts";
import type { NoteKey, NoteVerification } from "./note-key.ts";
import type { VerifiedSignature } from "./note-signature.ts";
import { verifyNoteSignature } from "./note-signature.ts";
import { parseNote } from "./signed-note.ts";

/** Why a note is refused. */
export type NoteRefusal = "malformed" | "bad-signature" | "no-known-signature";

/** A verified note, or why not. */
export type NoteVerified =
  | {
      readonly verified: true;
      readonly text: string;
      /** One for each known key that signed, in the note's order; at least one. */
      readonly signatures: readonly VerifiedSignature[];
    }
  | { readonly verified: false; readonly refusal: NoteRefusal };

/**
 * Verifies a note under the known keys (C2SP signed-note, "Signatures"). Signatures of unknown keys are ignored; one
 * of a known key that does not verify condemns the whole note, so that nothing half-forged is passed on. A key that
 * signed twice counts once.
 *
 * @throws {EvidenceError} `ambiguous-keys` when two keys have the same name and id, or the same public key: then a
 *   signature could count twice
 */
export function verifyNote(
  crypto: NoteVerification,
  note: Uint8Array,
  keys: readonly NoteKey[],
): NoteVerified {
  requireDistinct(keys);
  const parsed = parseNote(note);
  if (parsed === undefined) return { verified: false, refusal: "malformed" };
  const signatures = new Map<NoteKey, VerifiedSignature>();
  for (const signature of parsed.signatures) {
    const key = keys.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (key === undefined) continue;
    const verified = verifyNoteSignature(crypto, key, parsed.text, signature);
    if (verified === undefined) return { verified: false, refusal: "bad-signature" };
    if (!signatures.has(key)) signatures.set(key, verified);
  }
  if (signatures.size === 0) return { verified: false, refusal: "no-known-signature" };
  return { verified: true, text: parsed.text, signatures: [...signatures.values()] };
}

function requireDistinct(keys: readonly NoteKey[]): void {
  const ids = new Set(keys.map(({ name, keyId }) => `${name}+${keyId}`));
  const publicKeys = new Set(keys.map(({ publicKey }) => publicKey.join()));
  if (ids.size < keys.length || publicKeys.size < keys.length) {
    throw new EvidenceError("ambiguous-keys", "expected keys that differ in name or id, and in public key");
  }
}
