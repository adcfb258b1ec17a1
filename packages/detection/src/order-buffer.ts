const BUCKETS = 4_096;
const FIRST_CAPACITY = 1 << 12;
const NONE = 0xffffffff;
const FEW = 24;
const FIRST_SCRATCH = 1 << 10;
/** A row, as eight numbers of 64 bits or as sixteen of 32. */
const REALS = 8;
const WORDS = 16;
/** Where in a row what stands: of the first four numbers of 64 bits, then of those of 32. */
const AT = 0;
const RECEIVED_AT = 1;
const SEQUENCE = 2;
const COUNTER = 3;
const KEY_HI = 8;
const KEY_LO = 9;
const BITS = 10;
const FINGERPRINT = 11;
const RESPONSE_MICROS = 12;
const POINT = 13;
const BATCH = 14;

/** What is kept of an event. A class with a copy of its own: spread or assigned as a whole, its numbers would be boxed. */
export class Held {
  at = 0;
  /** -1, as with `sequence` and `counter`: not known. */
  receivedAt = -1;
  point = 0;
  sequence = -1;
  /** As a `NameHash` has them. */
  keyHi = 0;
  keyLo = 0;
  bits = 0;
  counter = -1;
  fingerprint = 0;
  responseMicros = 0;
  batch = 0;
  name = "";

  copy(): Held {
    const copy = new Held();
    copy.at = this.at;
    copy.receivedAt = this.receivedAt;
    copy.point = this.point;
    copy.sequence = this.sequence;
    copy.keyHi = this.keyHi;
    copy.keyLo = this.keyLo;
    copy.bits = this.bits;
    copy.counter = this.counter;
    copy.fingerprint = this.fingerprint;
    copy.responseMicros = this.responseMicros;
    copy.batch = this.batch;
    copy.name = this.name;
    return copy;
  }
}

/** Whom events are given out to. A method, not a function of each engine: V8 then knows which one it calls. */
export interface HeldTaker {
  takeHeld(event: Held): void;
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
  readonly #heads = new Uint32Array(BUCKETS).fill(NONE);
  /** One row of 64 bytes for each event, so that putting in and giving out touch one line of the cache, not twelve. */
  #reals = new Float64Array(FIRST_CAPACITY * REALS);
  #words = new Uint32Array(this.#reals.buffer);
  #names: string[] = [];
  /**
   * The row behind each in its bucket, or among the free ones. Not in the rows: whoever follows them would wait for one
   * row from far away after the other, where so they come together.
   */
  #next = new Uint32Array(FIRST_CAPACITY);
  /** The free row given back last: it is the likeliest to be in the cache still. */
  #free = NONE;
  #used = 0;
  #held = 0;
  /** Number of the bucket to be released next, counted from 1970; undefined before the first event. */
  #bucket: number | undefined;
  /** Newest bucket that holds anything. */
  #newest = 0;
  /** Rows of the bucket that is given out. */
  #scratch = new Uint32Array(FIRST_SCRATCH);

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
    const lists = this.#next.byteLength + BUCKETS * 4 + this.#scratch.byteLength;
    return this.#reals.byteLength + this.#names.length * 8 + lists;
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
    const words = this.#words;
    const word = index * WORDS;
    const reals = this.#reals;
    const real = index * REALS;
    reals[real + AT] = event.at;
    reals[real + RECEIVED_AT] = event.receivedAt;
    reals[real + SEQUENCE] = event.sequence;
    reals[real + COUNTER] = event.counter;
    words[word + KEY_HI] = event.keyHi;
    words[word + KEY_LO] = event.keyLo;
    words[word + BITS] = event.bits;
    words[word + FINGERPRINT] = event.fingerprint;
    words[word + RESPONSE_MICROS] = event.responseMicros;
    words[word + POINT] = event.point;
    words[word + BATCH] = event.batch;
    this.#names[index] = event.name;
    this.#held++;
    return true;
  }

  /** The first time whose events are not let go when released up to `untilMs`. */
  edge(untilMs: number): number {
    return Math.floor(untilMs / this.#spanMs) * this.#spanMs;
  }

  /** If too much is held, gives out the oldest early. */
  shed(into: Held, taker: HeldTaker): void {
    while (this.#bucket !== undefined && this.#held > this.#most) {
      this.#giveOut(this.#bucket & (BUCKETS - 1), into, taker);
      this.#bucket++;
    }
  }

  /** Gives out what lies before `untilMs`, whole buckets only. */
  release(untilMs: number, into: Held, taker: HeldTaker): void {
    if (this.#bucket === undefined) return;
    const until = Math.floor(untilMs / this.#spanMs);
    while (this.#bucket < until) {
      if (this.#held === 0) {
        this.#bucket = until;
        return;
      }
      this.#giveOut(this.#bucket & (BUCKETS - 1), into, taker);
      this.#bucket++;
    }
  }

  /** Gives out everything. */
  drain(into: Held, taker: HeldTaker): void {
    this.release((this.#newest + 1) * this.#spanMs, into, taker);
  }

  #take(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#next[free] ?? NONE;
      return free;
    }
    if (this.#used * REALS === this.#reals.length) this.#grow();
    return this.#used++;
  }

  #giveBack(index: number): void {
    this.#next[index] = this.#free;
    this.#free = index;
  }

  #giveOut(slot: number, into: Held, taker: HeldTaker): void {
    let index = this.#heads[slot] ?? NONE;
    if (index === NONE) return;
    this.#heads[slot] = NONE;
    // Who came last stands first in its bucket. Written from the end they stand as they came: nearly in order.
    let list = this.#scratch;
    let first = list.length;
    for (; index !== NONE; index = this.#next[index] ?? NONE) {
      if (first === 0) {
        first = list.length;
        list = this.#growScratch();
      }
      list[--first] = index;
    }
    if (list.length - first > FEW) list.subarray(first).sort(this.#compare);
    else this.#sortFew(list, first);
    for (let place = first; place < list.length; place++) {
      const one = list[place] ?? 0;
      const reals = this.#reals;
      const words = this.#words;
      const real = one * REALS;
      const word = one * WORDS;
      into.at = reals[real + AT] ?? 0;
      into.receivedAt = reals[real + RECEIVED_AT] ?? 0;
      into.sequence = reals[real + SEQUENCE] ?? 0;
      into.counter = reals[real + COUNTER] ?? 0;
      into.keyHi = (words[word + KEY_HI] ?? 0) | 0;
      into.keyLo = (words[word + KEY_LO] ?? 0) | 0;
      into.bits = words[word + BITS] ?? 0;
      into.fingerprint = words[word + FINGERPRINT] ?? 0;
      into.responseMicros = words[word + RESPONSE_MICROS] ?? 0;
      into.point = words[word + POINT] ?? 0;
      into.batch = words[word + BATCH] ?? 0;
      into.name = this.#names[one] ?? "";
      this.#names[one] = "";
      this.#giveBack(one);
      this.#held--;
      taker.takeHeld(into);
    }
  }

  /** Most buckets hold a handful: inserting beats a call for each comparison. */
  #sortFew(list: Uint32Array, first: number): void {
    for (let end = first + 1; end < list.length; end++) {
      const one = list[end] ?? 0;
      let place = end;
      for (; place > first && this.#isBefore(one, list[place - 1] ?? 0); place--)
        list[place] = list[place - 1] ?? 0;
      list[place] = one;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const apart = this.#real(a, AT) - this.#real(b, AT);
    return apart < 0 || (apart === 0 && this.#compare(a, b) < 0);
  }

  readonly #compare = (a: number, b: number): number =>
    this.#real(a, AT) - this.#real(b, AT) ||
    this.#word(a, POINT) - this.#word(b, POINT) ||
    this.#real(a, SEQUENCE) - this.#real(b, SEQUENCE) ||
    this.#word(a, KEY_LO) - this.#word(b, KEY_LO) ||
    this.#word(a, KEY_HI) - this.#word(b, KEY_HI) ||
    this.#real(a, COUNTER) - this.#real(b, COUNTER) ||
    this.#word(a, BITS) - this.#word(b, BITS) ||
    this.#word(a, FINGERPRINT) - this.#word(b, FINGERPRINT) ||
    this.#word(a, RESPONSE_MICROS) - this.#word(b, RESPONSE_MICROS) ||
    this.#real(a, RECEIVED_AT) - this.#real(b, RECEIVED_AT);

  #real(row: number, place: number): number {
    return this.#reals[row * REALS + place] ?? 0;
  }

  #word(row: number, place: number): number {
    return this.#words[row * WORDS + place] ?? 0;
  }

  #growScratch(): Uint32Array<ArrayBuffer> {
    const list = new Uint32Array(this.#scratch.length * 2);
    list.set(this.#scratch, this.#scratch.length);
    this.#scratch = list;
    return list;
  }

  #grow(): void {
    const reals = new Float64Array(this.#reals.length * 2);
    reals.set(this.#reals);
    this.#reals = reals;
    this.#words = new Uint32Array(reals.buffer);
    const next = new Uint32Array(reals.length / REALS);
    next.set(this.#next);
    this.#next = next;
  }
}
