import { fromBase64, toBase64 } from "../base64.ts";
import { HASH_BYTES, isSize, parseDecimal } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import { fromUtf8, utf8 } from "../note/note-text.ts";
import { MAX_NOTE_BYTES } from "../note/signed-note.ts";

/** What a log asks a witness: to cosign a checkpoint that continues the one it cosigned last (C2SP tlog-witness). */
export interface AddCheckpoint {
  /** Size of the tree that the witness cosigned last, 0 if it never did. */
  readonly oldSize: number;
  /** Consistency proof from that tree, hashes of 32 bytes; none from size 0. */
  readonly proof: readonly Uint8Array[];
  /** The checkpoint's note. */
  readonly checkpoint: Uint8Array;
}

/** C2SP tlog-witness: a client sends no more proof lines. */
const MAX_HASHES = 63;

/** Longest request that is read: a note and 63 hashes. */
export const MAX_ADD_CHECKPOINT_BYTES = MAX_NOTE_BYTES + 4 * 1024;

/**
 * Body of `POST /add-checkpoint`.
 *
 * @throws {EvidenceError} `outside-tree` for a size that is none; `bad-length` for more than 63 hashes, or one that is
 *   not 32 bytes
 */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array {
  if (!isSize(oldSize))
    throw new EvidenceError("outside-tree", `expected the size of a tree, got ${oldSize}`);
  if (proof.length > MAX_HASHES || proof.some((hash) => hash.length !== HASH_BYTES)) {
    throw new EvidenceError("bad-length", `expected at most ${MAX_HASHES} hashes of 32 bytes`);
  }
  const head = utf8([`old ${oldSize}`, ...proof.map(toBase64), "", ""].join("\n"));
  const body = new Uint8Array(head.length + checkpoint.length);
  body.set(head);
  body.set(checkpoint, head.length);
  return body;
}

/** Parses {@link formatAddCheckpoint}'s bytes; `undefined` for anything else. The checkpoint is not looked into. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint | undefined {
  if (body.length > MAX_ADD_CHECKPOINT_BYTES) return undefined;
  const text = fromUtf8(body);
  const end = text?.indexOf("\n\n") ?? -1;
  if (text === undefined || end < 0) return undefined;
  const [old = "", ...lines] = text.slice(0, end).split("\n");
  const oldSize = old.startsWith("old ") ? parseDecimal(old.slice("old ".length)) : undefined;
  if (oldSize === undefined || lines.length > MAX_HASHES) return undefined;
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) return undefined;
    proof.push(hash);
  }
  return { oldSize, proof, checkpoint: utf8(text.slice(end + 2)) };
}
