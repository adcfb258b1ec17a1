import { fromBase64, toBase64 } from "../base64.ts";
import { HASH_BYTES, isSize, parseDecimal } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import { isNoteText } from "../note/note-text.ts";

/** What a log says of its tree: the text of a checkpoint (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Which log. Not empty. */
  readonly origin: string;
  /** Count of leaves, below 2^53. */
  readonly size: number;
  /** Root of the tree of that size, 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines, none of them empty. Nobody audits them; this system writes none. */
  readonly extensions: readonly string[];
}

/**
 * Parses a checkpoint's text; says nothing about who wrote it: see `openCheckpoint`.
 *
 * @returns `undefined` for anything that {@link formatCheckpoint} would not write byte for byte
 */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  if (!isNoteText(text)) return undefined;
  const lines = text.slice(0, -1).split("\n");
  const [origin, decimal, encodedRoot, ...extensions] = lines;
  if (origin === undefined || decimal === undefined || encodedRoot === undefined) return undefined;
  if (lines.some((line) => line === "")) return undefined;
  const size = parseDecimal(decimal);
  const root = fromBase64(encodedRoot);
  if (size === undefined || root?.length !== HASH_BYTES) return undefined;
  return { origin, size, root, extensions };
}

/**
 * Text of a checkpoint: origin, size, root, extension lines, each ended by a newline.
 *
 * @throws {EvidenceError} `invalid-checkpoint` when a line would be empty or hold a control character, the size is
 *   none, or the root has not 32 bytes
 */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const lines = [origin, String(size), toBase64(root), ...extensions];
  const text = `${lines.join("\n")}\n`;
  const linesFit = lines.every((line) => line !== "" && !line.includes("\n"));
  if (!linesFit || !isNoteText(text) || !isSize(size) || root.length !== HASH_BYTES) {
    throw new EvidenceError("invalid-checkpoint", "expected an origin, a size and a root of 32 bytes");
  }
  return text;
}
