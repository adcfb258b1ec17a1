const BUCKETS = 4_096;
const FIRST_CAPACITY = 1 << 12;
const NONE = -1;
const FEW = 24;

/** Numbers that come beside an event; each a column. */
export interface Held {
  at: number;
  receivedAt: number;
  point: number;
  sequence: number;
  keyHi: number;
  keyLo: number;
  bits: number;
  counter: number;
  fingerprint: number;
  responseMicros: number;
  batch: number;
  name: string;
}

/**
 * Holds events until none can come any more that was earlier, and gives them out in the order of their times. Which
 * order they came in leaves no trace: equal times are told apart by everything else an event says.
 *
 * A ring of buckets, each a span of time: putting in costs the same however many wait, and each bucket is sorted once.
 */
export class OrderBuffer {
  readonly #spanMs: number;
  readonly #most: number;
  readonly #lateBuckets: number;
  readonly #heads = new Int32Array(BUCKETS).fill(NONE);
  #next = new Int32Array(FIRST_CAPACITY);
  #at = new Float64Array(FIRST_CAPACITY);
  #received = new Float64Array(FIRST_CAPACITY);
  #sequence = new Float64Array(FIRST_CAPACITY);
  #counter = new Float64Array(FIRST_CAPACITY);
  #keyHi = new Uint32Array(FIRST_CAPACITY);
  #keyLo = new Uint32Array(FIRST_CAPACITY);
  #bits = new Uint32Array(FIRST_CAPACITY);
  #point = new Uint16Array(FIRST_CAPACITY);
  #fingerprint = new Uint32Array(FIRST_CAPACITY);
  #responseMicros = new Uint32Array(FIRST_CAPACITY);
  #batch = new Uint16Array(FIRST_CAPACITY);
  #names: string[] = [];
  #free = NONE;
  #used = 0;
  #held = 0;
  /** Number of the bucket to be released next, counted from 1970; undefined before the first event. */
  #bucket: number | undefined;
  /** Newest bucket that holds anything. */
  #newest = 0;
  readonly #scratch: number[] = [];

  /**
   * @param lateMs how long an event may be late
   * @param most events held at most; above it the oldest are let go early
   */
  constructor(lateMs: number, most: number) {
    // Events ahead of the present by an hour at most, and one bucket for the edge, share the ring with the late ones.
    this.#spanMs = Math.max(1_000, Math.ceil((lateMs + 7_200_000) / (BUCKETS - 2)));
    this.#most = most;
    this.#lateBuckets = Math.ceil(lateMs / this.#spanMs) + 1;
  }

  get held(): number {
    return this.#held;
  }

  get byteLength(): number {
    return this.#next.length * (4 + 8 * 4 + 4 * 5 + 2 * 2 + 8) + BUCKETS * 4;
  }

  /** False if events of that time were let go already, or it lies too far ahead. */
  put(event: Held): boolean {
    const bucket = Math.floor(event.at / this.#spanMs);
    if (this.#bucket === undefined) {
      this.#bucket = bucket - this.#lateBuckets;
      this.#newest = bucket;
    }
    if (bucket < this.#bucket || bucket >= this.#bucket + BUCKETS) return false;
    if (bucket > this.#newest) this.#newest = bucket;
    const index = this.#take();
    const slot = bucket & (BUCKETS - 1);
    this.#next[index] = this.#heads[slot] ?? NONE;
    this.#heads[slot] = index;
    this.#at[index] = event.at;
    this.#received[index] = event.receivedAt;
    this.#sequence[index] = event.sequence;
    this.#counter[index] = event.counter;
    this.#keyHi[index] = event.keyHi;
    this.#keyLo[index] = event.keyLo;
    this.#bits[index] = event.bits;
    this.#point[index] = event.point;
    this.#fingerprint[index] = event.fingerprint;
    this.#responseMicros[index] = event.responseMicros;
    this.#batch[index] = event.batch;
    this.#names[index] = event.name;
    this.#held++;
    return true;
  }

  /** The first time whose events are not let go when released up to `untilMs`. */
  edge(untilMs: number): number {
    return Math.floor(untilMs / this.#spanMs) * this.#spanMs;
  }

  /** If too much is held, gives out the oldest early. */
  shed(into: Held, act: (event: Held) => void): void {
    while (this.#bucket !== undefined && this.#held > this.#most) {
      this.#giveOut(this.#bucket & (BUCKETS - 1), into, act);
      this.#bucket++;
    }
  }

  /** Gives out what lies before `untilMs`, whole buckets only. */
  release(untilMs: number, into: Held, act: (event: Held) => void): void {
    if (this.#bucket === undefined) return;
    const until = Math.floor(untilMs / this.#spanMs);
    while (this.#bucket < until) {
      if (this.#held === 0) {
        this.#bucket = until;
        return;
      }
      this.#giveOut(this.#bucket & (BUCKETS - 1), into, act);
      this.#bucket++;
    }
  }

  /** Gives out everything. */
  drain(into: Held, act: (event: Held) => void): void {
    this.release((this.#newest + 1) * this.#spanMs, into, act);
  }

  #take(): number {
    if (this.#free !== NONE) {
      const index = this.#free;
      this.#free = this.#next[index] ?? NONE;
      return index;
    }
    if (this.#used === this.#next.length) this.#grow();
    return this.#used++;
  }

  #giveOut(slot: number, into: Held, act: (event: Held) => void): void {
    let index = this.#heads[slot] ?? NONE;
    if (index === NONE) return;
    this.#heads[slot] = NONE;
    const list = this.#scratch;
    list.length = 0;
    for (; index !== NONE; index = this.#next[index] ?? NONE) list.push(index);
    if (list.length > FEW) list.sort(this.#compare);
    else this.#sortFew(list);
    for (const one of list) {
      into.at = this.#at[one] ?? 0;
      into.receivedAt = this.#received[one] ?? 0;
      into.point = this.#point[one] ?? 0;
      into.sequence = this.#sequence[one] ?? 0;
      into.keyHi = this.#keyHi[one] ?? 0;
      into.keyLo = this.#keyLo[one] ?? 0;
      into.bits = this.#bits[one] ?? 0;
      into.counter = this.#counter[one] ?? 0;
      into.fingerprint = this.#fingerprint[one] ?? 0;
      into.responseMicros = this.#responseMicros[one] ?? 0;
      into.batch = this.#batch[one] ?? 0;
      into.name = this.#names[one] ?? "";
      this.#names[one] = "";
      this.#next[one] = this.#free;
      this.#free = one;
      this.#held--;
      act(into);
    }
  }

  /** Most buckets hold a handful: inserting beats a call for each comparison. */
  #sortFew(list: number[]): void {
    for (let end = 1; end < list.length; end++) {
      const one = list[end] ?? 0;
      let place = end;
      for (; place > 0 && this.#compare(list[place - 1] ?? 0, one) > 0; place--)
        list[place] = list[place - 1] ?? 0;
      list[place] = one;
    }
  }

  readonly #compare = (a: number, b: number): number =>
    (this.#at[a] ?? 0) - (this.#at[b] ?? 0) ||
    (this.#point[a] ?? 0) - (this.#point[b] ?? 0) ||
    (this.#sequence[a] ?? 0) - (this.#sequence[b] ?? 0) ||
    (this.#keyLo[a] ?? 0) - (this.#keyLo[b] ?? 0) ||
    (this.#keyHi[a] ?? 0) - (this.#keyHi[b] ?? 0) ||
    (this.#counter[a] ?? 0) - (this.#counter[b] ?? 0) ||
    (this.#bits[a] ?? 0) - (this.#bits[b] ?? 0) ||
    (this.#fingerprint[a] ?? 0) - (this.#fingerprint[b] ?? 0) ||
    (this.#responseMicros[a] ?? 0) - (this.#responseMicros[b] ?? 0) ||
    (this.#received[a] ?? 0) - (this.#received[b] ?? 0);

  #grow(): void {
    const length = this.#next.length * 2;
    const grown = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#next = grown(this.#next, new Int32Array(length));
    this.#at = grown(this.#at, new Float64Array(length));
    this.#received = grown(this.#received, new Float64Array(length));
    this.#sequence = grown(this.#sequence, new Float64Array(length));
    this.#counter = grown(this.#counter, new Float64Array(length));
    this.#keyHi = grown(this.#keyHi, new Uint32Array(length));
    this.#keyLo = grown(this.#keyLo, new Uint32Array(length));
    this.#bits = grown(this.#bits, new Uint32Array(length));
    this.#point = grown(this.#point, new Uint16Array(length));
    this.#fingerprint = grown(this.#fingerprint, new Uint32Array(length));
    this.#responseMicros = grown(this.#responseMicros, new Uint32Array(length));
    this.#batch = grown(this.#batch, new Uint16Array(length));
  }
}
