import { concatBytes, fromHex, toHex } from "@menshen/crypto";
import { fromBase64, toBase64 } from "../base64.ts";
import { EvidenceError } from "../evidence-error.ts";
import { fromUtf8, isKeyName, isNoteText, utf8 } from "./note-text.ts";

/** Longest note that is read, in bytes. */
export const MAX_NOTE_BYTES = 262_144;

/** Most signatures that are read in a note; C2SP signed-note demands at least 16. */
export const MAX_NOTE_SIGNATURES = 128;

/** One signature line, not verified. */
export interface NoteSignature {
  readonly name: string;
  /** Key id, 8 lower-case hexadecimal digits. */
  readonly keyId: string;
  /** What follows the key id, at least one byte; its form depends on the key's type. */
  readonly signature: Uint8Array;
}

/** A note taken apart. The text must not be used before a trusted key's signature was verified. */
export interface ParsedNote {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/**
 * Takes a signed note apart (C2SP signed-note, "Format"). Verifies nothing: see `verifyNote`.
 *
 * @returns `undefined` when the bytes are no note, too long, or hold more than {@link MAX_NOTE_SIGNATURES}
 */
export function parseNote(note: Uint8Array): ParsedNote | undefined {
  if (note.length > MAX_NOTE_BYTES) return undefined;
  const content = fromUtf8(note);
  if (content === undefined || !isNoteText(content)) return undefined;
  // The last empty line separates text and signatures; the text keeps its own newline.
  const end = content.lastIndexOf("\n\n");
  if (end < 0) return undefined;
  const lines = content.slice(end + 2, -1).split("\n");
  if (lines.length > MAX_NOTE_SIGNATURES) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return undefined;
    signatures.push(signature);
  }
  return { text: content.slice(0, end + 1), signatures };
}

/**
 * Bytes of a note: text, empty line, one line for each signature.
 *
 * @throws {EvidenceError} `invalid-text` unless the text ends in a newline, holds no control character and no
 *   unpaired surrogate; `invalid-key-name`; `bad-length` without a signature or with more than can be read back
 */
export function formatNote({ text, signatures }: ParsedNote): Uint8Array {
  requireNoteText(text);
  if (signatures.length < 1 || signatures.length > MAX_NOTE_SIGNATURES) {
    throw new EvidenceError(
      "bad-length",
      `expected 1 to ${MAX_NOTE_SIGNATURES} signatures, got ${signatures.length}`,
    );
  }
  const note = utf8(`${text}\n${signatures.map(signatureLine).join("")}`);
  if (note.length > MAX_NOTE_BYTES) {
    throw new EvidenceError(
      "bad-length",
      `expected a note of at most ${MAX_NOTE_BYTES} bytes, got ${note.length}`,
    );
  }
  return note;
}

/** @throws {EvidenceError} `invalid-text` when a note cannot hold the text */
export function requireNoteText(text: string): void {
  if (!isNoteText(text)) {
    throw new EvidenceError(
      "invalid-text",
      "expected text that ends in a newline, without control characters",
    );
  }
}

function signatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(keyId)) {
    throw new EvidenceError("invalid-key-name", "expected a key name without spaces and a key id of 4 bytes");
  }
  return `— ${name} ${toBase64(concatBytes(fromHex(keyId), signature))}\n`;
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const parts = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
  const [, name = "", encoded = ""] = parts ?? [];
  const bytes = fromBase64(encoded);
  if (parts === null || !isKeyName(name) || bytes === undefined || bytes.length < 5) return undefined;
  return { name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
}
