/** SHA-256 as the caller's platform offers it. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

const PREFIX = new TextEncoder().encode("menshen journal v1");
const HASH_BYTES = 32;

/** The hash that stands before the first entry of every journal. */
export function journalGenesisHash(): Uint8Array {
  return new Uint8Array(HASH_BYTES);
}

/** hash(n) = SHA-256("menshen journal v1" || hash(n-1) || entry bytes). `previous` has 32 bytes. */
export function nextJournalHash(sha256: Sha256, previous: Uint8Array, entry: Uint8Array): Uint8Array {
  const data = new Uint8Array(PREFIX.length + HASH_BYTES + entry.length);
  data.set(PREFIX, 0);
  data.set(previous, PREFIX.length);
  data.set(entry, PREFIX.length + HASH_BYTES);
  return sha256(data);
}

/** Hash after all of `entries`, in order; `previous` itself for none. */
export function journalHashAfter(
  sha256: Sha256,
  previous: Uint8Array,
  entries: Iterable<Uint8Array>,
): Uint8Array {
  let hash = previous;
  for (const entry of entries) hash = nextJournalHash(sha256, hash, entry);
  return hash;
}
