import { MAX_LIST_BYTES, unreadableList } from "./card-list-error.ts";

// Just enough of PKWARE's APPNOTE 6.3 to take single files out of an XLSX: no encryption, no ZIP64, stored or deflated.

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT_BYTES = 65_535;
const MAX_ENTRIES = 10_000;
const ENCRYPTED = 0x0001;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  readonly method: number;
  readonly compressedBytes: number;
  readonly offset: number;
}

/** Files of an archive, by name. */
export interface ZipArchive {
  /**
   * A file's content, at most 32 MiB however small it was packed; `undefined` when there is none of that name.
   *
   * @throws {CredentialError} `malformed`
   */
  readonly file: (name: string) => Promise<Uint8Array | undefined>;
}

/**
 * Opens an archive by its central directory.
 *
 * @throws {CredentialError} `malformed` for bytes that are no archive, or one of a kind not read here
 */
export function openZip(bytes: Uint8Array): ZipArchive {
  if (bytes.length > MAX_LIST_BYTES) throw unreadableList(`expected at most ${MAX_LIST_BYTES} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries = readDirectory(bytes, view);
  return {
    async file(name) {
      const entry = entries.get(name);
      if (entry === undefined) return undefined;
      const { offset, method, compressedBytes } = entry;
      if (offset + LOCAL_BYTES > bytes.length || view.getUint32(offset, true) !== LOCAL_SIGNATURE) {
        throw unreadableList("expected a file where the archive says it is");
      }
      const start =
        offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
      if (start + compressedBytes > bytes.length)
        throw unreadableList("expected a whole file in the archive");
      const packed = bytes.slice(start, start + compressedBytes);
      if (method === STORED) return packed;
      return inflate(packed);
    },
  };
}

function readDirectory(bytes: Uint8Array, view: DataView): ReadonlyMap<string, Entry> {
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  if (count > MAX_ENTRIES) throw unreadableList(`expected at most ${MAX_ENTRIES} files in the archive`);
  const entries = new Map<string, Entry>();
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index += 1) {
    if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY_SIGNATURE) {
      throw unreadableList("expected the archive's directory where it says it is");
    }
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    );
    const name = new TextDecoder().decode(
      bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + (nameBytes ?? 0)),
    );
    const method = view.getUint16(at + 10, true);
    if ((view.getUint16(at + 8, true) & ENCRYPTED) !== 0 || (method !== STORED && method !== DEFLATED)) {
      throw unreadableList("expected an archive without a password");
    }
    if (entries.has(name)) throw unreadableList("expected each file once in the archive");
    entries.set(name, {
      method,
      compressedBytes: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    });
    at += ENTRY_BYTES + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return entries;
}

function findEnd(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT_BYTES);
  for (let at = view.byteLength - END_BYTES; at >= lowest; at -= 1) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  throw unreadableList("expected an archive");
}

/** Stops at the limit, so that a small file cannot unpack into the whole memory. */
async function inflate(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const chunks: Uint8Array[] = [];
  let lengthBytes = 0;
  for (;;) {
    let step: ReadableStreamReadResult<Uint8Array>;
    try {
      step = await reader.read();
    } catch (cause) {
      throw unreadableList("expected a file that unpacks", cause);
    }
    if (step.done) break;
    chunks.push(step.value);
    lengthBytes += step.value.length;
    if (lengthBytes > MAX_LIST_BYTES) {
      await reader.cancel();
      throw unreadableList(`expected at most ${MAX_LIST_BYTES} bytes unpacked`);
    }
  }
  const all = new Uint8Array(lengthBytes);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
