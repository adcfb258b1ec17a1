/** Records in one chunk: memory grows by chunks, so that nothing is copied and at most one is half empty. */
const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
const FIRST_SLOTS = 1 << 12;
/** Slots are doubled above this load. */
const MOST_LOAD = 0.8;

export const HOUR_BINS = 24;
export const KEPT_POINTS = 6;
/** `lastPoint` and kept points: none. */
export const NO_POINT = 0xffff;
export const NO_AREA = 0xff;

/** Columns of one chunk; what each holds of a credential stands beside it. Times are tenths of seconds since `T0_MS`. */
export class Chunk {
  readonly keyHi = new Uint32Array(CHUNK);
  readonly keyLo = new Uint32Array(CHUNK);
  readonly lastAt = new Uint32Array(CHUNK);
  readonly lastPoint = new Uint16Array(CHUNK).fill(NO_POINT);
  /** Outer area in which its bearer is, as far as taps tell. */
  readonly area = new Uint8Array(CHUNK).fill(NO_AREA);
  readonly flags = new Uint8Array(CHUNK);
  /** Largest counter, when it was seen, and which of the 32 up to it were: bit n stands for `counterMax - n`. */
  readonly counterMax = new Float64Array(CHUNK).fill(-1);
  readonly counterAt = new Uint32Array(CHUNK);
  readonly counterSeen = new Uint32Array(CHUNK);
  readonly keyVersion = new Uint8Array(CHUNK);
  readonly fingerprint = new Uint16Array(CHUNK);
  /** Local day of the features below, from `T0_MS`. */
  readonly day = new Uint16Array(CHUNK);
  readonly taps = new Uint16Array(CHUNK);
  /** Taps by hour: low four bits on working days, high four on weekends. */
  readonly hours = new Uint8Array(CHUNK * HOUR_BINS);
  /** The same memory, four hours in a word. */
  readonly hourWords = new Uint32Array(this.hours.buffer);
  readonly points = new Uint16Array(CHUNK * KEPT_POINTS).fill(NO_POINT);
  readonly pointTaps = new Uint8Array(CHUNK * KEPT_POINTS);
  /** Mean taps of a day with taps, in 256ths. */
  readonly meanTaps = new Uint16Array(CHUNK);
  readonly activeDays = new Uint8Array(CHUNK);
  readonly todayTaps = new Uint8Array(CHUNK);
  /** Today's bucket of each daily rule, four bits each; see `rules.ts`. */
  readonly today = new Uint32Array(CHUNK);
  readonly crossings = new Uint16Array(CHUNK);
  /** Conflicts like the one before them, and when the last conflict was. */
  readonly alike = new Uint16Array(CHUNK);
  readonly conflictAt = new Uint32Array(CHUNK);
  readonly dense = new Float32Array(CHUNK);
  readonly sparse = new Float32Array(CHUNK);
  readonly endedAt = new Uint32Array(CHUNK);
  /** Mean of the chip's response times beside what is usual at each gate, in 4096ths, and of how many. */
  readonly answerMean = new Uint16Array(CHUNK);
  readonly answers = new Uint8Array(CHUNK);
  readonly caseDay = new Uint16Array(CHUNK);
  readonly caseStep = new Uint8Array(CHUNK);

  get byteLength(): number {
    const buffers = new Set<ArrayBufferLike>();
    for (const column of Object.values(this)) if (ArrayBuffer.isView(column)) buffers.add(column.buffer);
    return [...buffers].reduce((bytes, { byteLength }) => bytes + byteLength, 0);
  }
}

/**
 * Records of credentials under 64-bit keys: open addressing with linear probing over 32-bit record numbers, records in
 * chunks of columns. Nothing is removed singly; `clear` forgets all at the end of an epoch.
 */
export class CredentialTable {
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  #chunks: Chunk[] = [];
  #count = 0;
  readonly #most: number;

  /** @param most records at most; `find` answers -1 for further credentials. */
  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#slots.byteLength + this.#chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0);
  }

  /** Number of the record of this key, made if it is new; -1 if there is no room for a new one. */
  find(hi: number, lo: number): number {
    const mask = this.#slots.length - 1;
    let slot = (lo ^ Math.imul(hi, 0x9e3779b1)) & mask;
    for (;;) {
      const record = this.#slots[slot] ?? -1;
      if (record < 0) return this.#add(hi, lo, slot);
      const chunk = this.chunkOf(record);
      const offset = record & (CHUNK - 1);
      if (chunk.keyLo[offset] === lo && chunk.keyHi[offset] === hi) return record;
      slot = (slot + 1) & mask;
    }
  }

  chunkOf(record: number): Chunk {
    const chunk = this.#chunks[record >>> CHUNK_BITS];
    if (chunk === undefined) throw new RangeError("no such record");
    return chunk;
  }

  /** Place of a record in its chunk. */
  offsetOf(record: number): number {
    return record & (CHUNK - 1);
  }

  clear(): void {
    this.#slots = new Int32Array(FIRST_SLOTS).fill(-1);
    this.#chunks = [];
    this.#count = 0;
  }

  #add(hi: number, lo: number, slot: number): number {
    if (this.#count >= this.#most) return -1;
    const record = this.#count++;
    if (record >>> CHUNK_BITS === this.#chunks.length) this.#chunks.push(new Chunk());
    const chunk = this.chunkOf(record);
    chunk.keyHi[record & (CHUNK - 1)] = hi;
    chunk.keyLo[record & (CHUNK - 1)] = lo;
    this.#slots[slot] = record;
    if (this.#count > this.#slots.length * MOST_LOAD) this.#double();
    return record;
  }

  #double(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let record = 0; record < this.#count; record++) {
      const chunk = this.chunkOf(record);
      const offset = record & (CHUNK - 1);
      const lo = chunk.keyLo[offset] ?? 0;
      let slot = (lo ^ Math.imul(chunk.keyHi[offset] ?? 0, 0x9e3779b1)) & mask;
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      slots[slot] = record;
    }
    this.#slots = slots;
  }
}
