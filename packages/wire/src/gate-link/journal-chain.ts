/** SHA-256 as the caller's platform offers it. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

const PREFIX = new TextEncoder().encode("menshen journal v1");
const HASH_BYTES = 32;
const ENTRY_OFFSET = PREFIX.length + HASH_BYTES;
/** Enough for nearly every entry. */
const INITIAL_BYTES = 512;

/** The hash that stands before the first entry of every journal. */
export function journalGenesisHash(): Uint8Array {
  return new Uint8Array(HASH_BYTES);
}

/** hash(n) = SHA-256("menshen journal v1" || hash(n-1) || entry bytes). `previous` has 32 bytes. */
export function nextJournalHash(sha256: Sha256, previous: Uint8Array, entry: Uint8Array): Uint8Array {
  return journalHashAfter(sha256, previous, [entry]);
}

/** Hash after all of `entries`, in order; `previous` itself for none. */
export function journalHashAfter(
  sha256: Sha256,
  previous: Uint8Array,
  entries: Iterable<Uint8Array>,
): Uint8Array {
  // One buffer for all entries: a server does this for every event of every gate.
  let data = startOfData(INITIAL_BYTES);
  let hash = previous;
  for (const entry of entries) {
    const length = ENTRY_OFFSET + entry.length;
    if (length > data.length) data = startOfData(length);
    data.set(hash, PREFIX.length);
    data.set(entry, ENTRY_OFFSET);
    hash = sha256(data.subarray(0, length));
  }
  return hash;
}

function startOfData(length: number): Uint8Array {
  const data = new Uint8Array(length);
  data.set(PREFIX);
  return data;
}
