import { equalBytes } from "@menshen/crypto";
import { malformed } from "../bytes.ts";
import { CustodyError } from "../errors.ts";

/** A file of an archive. */
export interface ArchivedFile {
  /** ASCII letters, digits, `.`, `-`, and `/` between. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The longest archive that is read. */
export const MAX_ARCHIVE_BYTES = 32 * 1024 * 1024;
const MAX_FILES = 4_096;
const NAME = /^[A-Za-z0-9.-]{1,80}(\/[A-Za-z0-9.-]{1,80}){0,2}$/;

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
/** 1980-01-01, the first day that the form can say: an archive has no time of its own. */
const DATE = 0x0021;
/** "Version needed" 1.0: stored, in no folder of its own. */
const VERSION = 10;

/**
 * A ZIP archive (PKWARE APPNOTE 6.3.10) in which files are stored as they are, in the order given, and everything else is fixed:
 * the same files give the same bytes.
 *
 * @throws {CustodyError} `invalid-argument` for names that {@link readStoredZip} would refuse
 */
export function storedZip(files: readonly ArchivedFile[]): Uint8Array {
  const names = new Set(files.map(({ name }) => name));
  if (names.size !== files.length || files.length > MAX_FILES || files.some(({ name }) => !NAME.test(name))) {
    throw new CustodyError("invalid-argument", "expected distinct names of plain letters");
  }
  return assemble(files);
}

/**
 * Reads an archive that {@link storedZip} would write, byte for byte: nothing before, between or behind the files, no second
 * spelling of anything.
 *
 * @returns the files in their order, their bytes views of `archive`
 * @throws {CustodyError} `malformed`, `too-large`
 */
export function readStoredZip(archive: Uint8Array): readonly ArchivedFile[] {
  if (archive.length > MAX_ARCHIVE_BYTES) {
    throw new CustodyError("too-large", `expected at most ${MAX_ARCHIVE_BYTES} bytes, got ${archive.length}`);
  }
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const files: ArchivedFile[] = [];
  const names = new Set<string>();
  let offset = 0;
  while (offset + LOCAL_BYTES <= archive.length && view.getUint32(offset, true) === LOCAL) {
    const size = view.getUint32(offset + 18, true);
    const nameBytes = view.getUint16(offset + 26, true);
    const start = offset + LOCAL_BYTES + nameBytes;
    if (start + size > archive.length) throw malformed("a file that goes on behind the end");
    const name = String.fromCharCode(...archive.subarray(offset + LOCAL_BYTES, start));
    if (!NAME.test(name) || names.has(name) || files.length >= MAX_FILES)
      throw malformed("a name out of form");
    names.add(name);
    files.push({ name, bytes: archive.subarray(start, start + size) });
    offset = start + size;
  }
  if (files.length === 0 || !equalBytes(assemble(files), archive)) {
    throw malformed("an archive in another spelling than the one it may have");
  }
  return files;
}

function assemble(files: readonly ArchivedFile[]): Uint8Array {
  const heads = files.map(({ name, bytes }) => ({ name, bytes, crc: crc32(bytes) }));
  const size = heads.reduce(
    (sum, { name, bytes }) => sum + LOCAL_BYTES + CENTRAL_BYTES + 2 * name.length + bytes.length,
    END_BYTES,
  );
  const archive = new Uint8Array(size);
  const view = new DataView(archive.buffer);
  const write = (at: number, fields: readonly (readonly [number, 2 | 4])[]) => {
    let offset = at;
    for (const [value, width] of fields) {
      if (width === 2) view.setUint16(offset, value, true);
      else view.setUint32(offset, value, true);
      offset += width;
    }
  };
  const common = (file: { readonly name: string; readonly bytes: Uint8Array; readonly crc: number }) =>
    [
      [VERSION, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [DATE, 2],
      [file.crc, 4],
      [file.bytes.length, 4],
      [file.bytes.length, 4],
      [file.name.length, 2],
      [0, 2],
    ] as const;
  const offsets: number[] = [];
  let offset = 0;
  for (const file of heads) {
    offsets.push(offset);
    write(offset, [[LOCAL, 4], ...common(file)]);
    archive.set(asciiOf(file.name), offset + LOCAL_BYTES);
    archive.set(file.bytes, offset + LOCAL_BYTES + file.name.length);
    offset += LOCAL_BYTES + file.name.length + file.bytes.length;
  }
  const directory = offset;
  for (const [index, file] of heads.entries()) {
    const tail = [
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [offsets[index] ?? 0, 4],
    ] as const;
    write(offset, [[CENTRAL, 4], [VERSION, 2], ...common(file), ...tail]);
    archive.set(asciiOf(file.name), offset + CENTRAL_BYTES);
    offset += CENTRAL_BYTES + file.name.length;
  }
  write(offset, [
    [END, 4],
    [0, 2],
    [0, 2],
    [files.length, 2],
    [files.length, 2],
    [offset - directory, 4],
    [directory, 4],
    [0, 2],
  ]);
  return archive;
}

function asciiOf(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
