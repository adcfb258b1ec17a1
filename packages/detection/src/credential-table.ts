import { type Card, isOfKey, ROW_WORDS, RowChunk, slotHash, slotHashOfRow } from "./card-row.ts";

/** Records in one chunk: memory grows by chunks, so that nothing is copied and at most one is half empty. */
const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
const FIRST_SLOTS = 1 << 12;
/** Slots are doubled above this load. */
const MOST_LOAD = 0.8;

/**
 * Records of credentials under 64-bit keys: open addressing with linear probing over 32-bit record numbers, records in
 * chunks of rows. Nothing is removed singly; `clear` forgets all at the end of an epoch.
 */
export class CredentialTable {
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  #chunks: RowChunk[] = [];
  #count = 0;
  readonly #most: number;

  /** @param most records at most; `find` answers false for further credentials. */
  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#slots.byteLength + this.#chunks.reduce((bytes, { words }) => bytes + words.byteLength, 0);
  }

  /** Opens the record of this key, made if it is new; false if there is no room for a new one. */
  find(hi: number, lo: number, into: Card): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = slotHash(hi, lo) & mask;
    for (;;) {
      const record = slots[slot] ?? -1;
      if (record < 0) return this.#add(hi, lo, slot, into);
      const chunk = this.#chunkOf(record);
      const row = (record & (CHUNK - 1)) * ROW_WORDS;
      if (isOfKey(chunk.words, row, hi, lo)) {
        into.open(chunk, record, row);
        return true;
      }
      slot = (slot + 1) & mask;
    }
  }

  open(record: number, into: Card): void {
    into.open(this.#chunkOf(record), record, (record & (CHUNK - 1)) * ROW_WORDS);
  }

  clear(): void {
    this.#slots = new Int32Array(FIRST_SLOTS).fill(-1);
    this.#chunks = [];
    this.#count = 0;
  }

  #chunkOf(record: number): RowChunk {
    const chunk = this.#chunks[record >>> CHUNK_BITS];
    if (chunk === undefined) throw new RangeError("no such record");
    return chunk;
  }

  #add(hi: number, lo: number, slot: number, into: Card): boolean {
    if (this.#count >= this.#most) return false;
    const record = this.#count++;
    if (record >>> CHUNK_BITS === this.#chunks.length) this.#chunks.push(new RowChunk(CHUNK));
    this.open(record, into);
    into.begin(hi, lo);
    this.#slots[slot] = record;
    if (this.#count > this.#slots.length * MOST_LOAD) this.#double();
    return true;
  }

  #double(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let record = 0; record < this.#count; record++) {
      const { words } = this.#chunkOf(record);
      let slot = slotHashOfRow(words, (record & (CHUNK - 1)) * ROW_WORDS) & mask;
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      slots[slot] = record;
    }
    this.#slots = slots;
  }
}
