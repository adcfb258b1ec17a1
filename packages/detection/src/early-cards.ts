import type { Held } from "./order-buffer.ts";

/** Values remembered below the largest. */
export const KEPT_VALUES = 32;
const PROMPT_FLAG = 1;

/** A card's row, as eight numbers of 64 bits or as sixteen of 32: one line of the cache. */
const REALS = 8;
const WORDS = 16;
/** Where in a row what stands: of the first four numbers of 64 bits, then of those of 32. */
const MOST = 0;
const MOST_AT = 1;
const USED_AT = 2;
const TOLD_AT = 3;
const KEY_HI = 8;
const KEY_LO = 9;
/** Bit n: the value `most - n` was seen; and may come once more, for its write was torn. */
const SEEN = 10;
const SPARE = 11;
const WRONG_KEYS = 12;
const VERSION = 13;
const TOLD_RANK = 14;
const FLAGS = 15;

/** Cards by a hash of their names: two places each, the one used longer ago is given up for a third. */
export class EarlyCards {
  readonly #reals: Float64Array;
  readonly #words: Int32Array;
  readonly #mask: number;

  constructor(cards: number) {
    const places = 2 ** Math.max(1, Math.ceil(Math.log2(cards)));
    this.#mask = places - 1;
    this.#reals = new Float64Array(places * REALS);
    this.#words = new Int32Array(this.#reals.buffer);
    for (let real = 0; real < this.#reals.length; real += REALS) {
      this.#reals[real + MOST] = -1;
      this.#reals[real + USED_AT] = -1;
      this.#reals[real + TOLD_AT] = Number.NEGATIVE_INFINITY;
    }
  }

  get byteLength(): number {
    return this.#reals.byteLength;
  }

  /** Place of a card's row; a card that is new takes the place of another if need be. */
  find({ keyHi: hi, keyLo: lo, at }: Held): number {
    const first = lo & this.#mask;
    const second = first ^ 1;
    const known = this.#holds(first, hi, lo) ? first : this.#holds(second, hi, lo) ? second : -1;
    if (known >= 0) {
      if (at > this.#real(known, USED_AT)) this.#reals[known * REALS + USED_AT] = at;
      return known;
    }
    const place = this.#real(first, USED_AT) <= this.#real(second, USED_AT) ? first : second;
    const word = place * WORDS;
    this.#words[word + KEY_HI] = hi;
    this.#words[word + KEY_LO] = lo;
    this.#words[word + WRONG_KEYS] = 0;
    this.#words[word + VERSION] = 0;
    this.#reals[place * REALS + USED_AT] = at;
    this.#reals[place * REALS + TOLD_AT] = Number.NEGATIVE_INFINITY;
    this.#forget(place);
    return place;
  }

  /** The largest value of its counter, -1 for none; and when it was seen. */
  mostOf(place: number): number {
    return this.#real(place, MOST);
  }

  mostAt(place: number): number {
    return this.#real(place, MOST_AT);
  }

  countWrongKey(place: number): number {
    const count = Math.min(0xff, this.#word(place, WRONG_KEYS) + 1);
    this.#words[place * WORDS + WRONG_KEYS] = count;
    return count;
  }

  /** A card written anew begins a new count. `version`: as `versionOf`, 0 if unknown. */
  noteVersion(place: number, version: number): void {
    if (version === 0) return;
    const known = this.#word(place, VERSION);
    if (known !== 0 && known !== version) this.#forget(place);
    this.#words[place * WORDS + VERSION] = version;
  }

  rise(place: number, { counter, at }: Held, isPrompt: boolean, isTorn: boolean): void {
    const most = this.mostOf(place);
    const ahead = most < 0 ? KEPT_VALUES : counter - most;
    const isFar = ahead >= KEPT_VALUES;
    const seen = isFar ? 0 : this.#word(place, SEEN) << ahead;
    const spare = isFar ? 0 : this.#word(place, SPARE) << ahead;
    const word = place * WORDS;
    this.#words[word + SEEN] = seen | 1;
    this.#words[word + SPARE] = spare | (isTorn ? 1 : 0);
    this.#words[word + FLAGS] = isPrompt ? PROMPT_FLAG : 0;
    this.#reals[place * REALS + MOST] = counter;
    this.#reals[place * REALS + MOST_AT] = at;
  }

  isMostPrompt(place: number): boolean {
    return (this.#word(place, FLAGS) & PROMPT_FLAG) !== 0;
  }

  /** Takes note of the value `behind` below the largest. Once more it may come for each torn write: that is excused. */
  appear(place: number, behind: number, isTorn: boolean): "first" | "excused" | "second" {
    const bit = 1 << behind;
    const word = place * WORDS;
    const seen = this.#word(place, SEEN);
    const spare = this.#word(place, SPARE);
    if ((seen & bit) === 0) {
      this.#words[word + SEEN] = seen | bit;
      if (isTorn) this.#words[word + SPARE] = spare | bit;
      return "first";
    }
    if (isTorn) return "excused";
    if ((spare & bit) === 0) return "second";
    this.#words[word + SPARE] = spare & ~bit;
    return "excused";
  }

  /** Whether as much was told of this card within `spanMs`; notes that it is told now if not. */
  isTold(place: number, at: number, spanMs: number, rank: number): boolean {
    const isRecent = at - this.#real(place, TOLD_AT) < spanMs;
    if (isRecent && this.#word(place, TOLD_RANK) >= rank) return true;
    this.#reals[place * REALS + TOLD_AT] = at;
    this.#words[place * WORDS + TOLD_RANK] = rank;
    return false;
  }

  #holds(place: number, hi: number, lo: number): boolean {
    const words = this.#words;
    const word = place * WORDS;
    if (words[word + KEY_HI] !== hi || words[word + KEY_LO] !== lo) return false;
    return (this.#reals[place * REALS + USED_AT] ?? -1) >= 0;
  }

  #forget(place: number): void {
    this.#reals[place * REALS + MOST] = -1;
    this.#words[place * WORDS + SEEN] = 0;
    this.#words[place * WORDS + SPARE] = 0;
  }

  #real(place: number, what: number): number {
    return this.#reals[place * REALS + what] ?? 0;
  }

  #word(place: number, what: number): number {
    return this.#words[place * WORDS + what] ?? 0;
  }
}
