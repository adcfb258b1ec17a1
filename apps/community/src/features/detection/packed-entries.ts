import type { StoredEntries } from "../../gate-link/index.ts";

/** Stored entries in two pieces of memory, so that they go from one thread to another without being copied entry by entry. */
export interface PackedEntries extends Omit<StoredEntries, "entries"> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where in `bytes` each entry ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

export function packEntries({ entries, ...rest }: StoredEntries): PackedEntries {
  const ends = new Uint32Array(entries.length);
  let length = 0;
  for (const [index, entry] of entries.entries()) {
    length += entry.length;
    ends[index] = length;
  }
  const bytes = new Uint8Array(length);
  for (const [index, entry] of entries.entries()) bytes.set(entry, (ends[index] ?? 0) - entry.length);
  return { ...rest, bytes, ends };
}

export function unpackEntries({ bytes, ends, ...rest }: PackedEntries): StoredEntries {
  let from = 0;
  const entries = Array.from(ends, (end) => {
    const entry = bytes.subarray(from, end);
    from = end;
    return entry;
  });
  return { ...rest, entries };
}
