import * as crypto from "@menshen/crypto/node";
import { formatCheckpoint } from "../log/checkpoint.ts";
import type { NoteKey } from "../note/note-key.ts";
import { noteKey } from "../note/note-key.ts";
import { signNote } from "../note/note-signature.ts";
import { formatNote } from "../note/signed-note.ts";
import type { TreeHead } from "../tiles/read-tiles.ts";

/** What a log signs with. */
export interface LogKeys {
  readonly crypto: typeof crypto;
  readonly origin: string;
  /** Type `ed25519`; its name is the origin, as C2SP tlog-checkpoint asks. */
  readonly key: NoteKey;
  /** Ed25519 seed, 32 bytes. */
  readonly secretKey: Uint8Array;
}

/**
 * The keys of a log from its seed.
 *
 * @throws {EvidenceError} `invalid-key-name` for an origin with spaces or plus signs; {CryptoError} `bad-length`
 */
export function logKeysOf(origin: string, secretKey: Uint8Array): LogKeys {
  const { publicKey } = crypto.ed25519FromSecret(secretKey);
  const key = noteKey(crypto.sha256, { name: origin, type: "ed25519", publicKey });
  return { crypto, origin, key, secretKey: secretKey.slice() };
}

/** The note of a checkpoint with the log's signature alone. */
export function signHead({ key, origin, secretKey }: LogKeys, { size, root }: TreeHead): Uint8Array {
  const text = formatCheckpoint({ origin, size, root, extensions: [] });
  return formatNote({ text, signatures: [signNote(crypto, key, secretKey, text)] });
}
