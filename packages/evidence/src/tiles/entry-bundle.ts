import { EvidenceError } from "../evidence-error.ts";
import { TILE_WIDTH } from "./tile.ts";

/** Longest entry: its length is a uint16 (C2SP tlog-tiles, "Log entries"). */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * A bundle of 1 to 256 entries: each with its length before it, two bytes big-endian.
 *
 * @throws {EvidenceError} `bad-length` for another count or an entry above 65535 bytes
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH) {
    throw new EvidenceError("bad-length", `expected 1 to 256 entries in a bundle, got ${entries.length}`);
  }
  const bundle = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  const view = new DataView(bundle.buffer);
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new EvidenceError("bad-length", `expected an entry of at most 65535 bytes, got ${entry.length}`);
    }
    view.setUint16(offset, entry.length);
    bundle.set(entry, offset + 2);
    offset += 2 + entry.length;
  }
  return bundle;
}

/** The entries of a bundle, copies; `undefined` when it is cut off, empty, or holds more than 256. */
export function parseEntryBundle(bundle: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bundle.length) {
    if (entries.length === TILE_WIDTH || offset + 2 > bundle.length) return undefined;
    const end = offset + 2 + view.getUint16(offset);
    if (end > bundle.length) return undefined;
    entries.push(bundle.slice(offset + 2, end));
    offset = end;
  }
  return entries.length === 0 ? undefined : entries;
}
