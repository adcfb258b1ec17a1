/** Places; who else falls on one takes it over. Walks last minutes, so a community's last taps have room. */
const PLACES = 1 << 14;

/** A tap whose time its receipt vouches for. */
export interface PromptTap {
  at: number;
  point: number;
  sequence: number;
}

/** A row, as four numbers of 64 bits or as eight of 32: half a line of the cache. */
const REALS = 4;
const WORDS = 8;
/** Where in a row what stands: of the first two numbers of 64 bits, then of those of 32. */
const AT = 0;
const SEQUENCE = 1;
const KEY_HI = 4;
const KEY_LO = 5;
/** The access point, counted from 1; 0: none is remembered. */
const POINT = 6;

/** Where cards were seen last, of those seen lately; in memory of a fixed size. */
export class LastTaps {
  readonly #reals = new Float64Array(PLACES * REALS);
  readonly #words = new Int32Array(this.#reals.buffer);

  get byteLength(): number {
    return this.#reals.byteLength;
  }

  /** The card's last tap, written into `into`; false if none is remembered. */
  read(hi: number, lo: number, into: PromptTap): boolean {
    const place = lo & (PLACES - 1);
    const words = this.#words;
    const word = place * WORDS;
    const point = words[word + POINT] ?? 0;
    if (point === 0 || words[word + KEY_HI] !== hi || words[word + KEY_LO] !== lo) return false;
    const real = place * REALS;
    into.at = this.#reals[real + AT] ?? 0;
    into.point = point - 1;
    into.sequence = this.#reals[real + SEQUENCE] ?? 0;
    return true;
  }

  write(hi: number, lo: number, { at, point, sequence }: PromptTap): void {
    const place = lo & (PLACES - 1);
    const words = this.#words;
    const word = place * WORDS;
    words[word + KEY_HI] = hi;
    words[word + KEY_LO] = lo;
    words[word + POINT] = point + 1;
    const real = place * REALS;
    this.#reals[real + AT] = at;
    this.#reals[real + SEQUENCE] = sequence;
  }
}
