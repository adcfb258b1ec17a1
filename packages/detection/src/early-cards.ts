import type { NameHash } from "./name-hash.ts";

/** Values remembered below the largest. */
export const KEPT_VALUES = 32;
const PROMPT_FLAG = 1;

/** Cards by a hash of their names: two places each, the one used longer ago is given up for a third. */
export class EarlyCards {
  readonly most: Float64Array;
  readonly mostAt: Float64Array;
  readonly #keyHi: Uint32Array;
  readonly #keyLo: Uint32Array;
  readonly #usedAt: Float64Array;
  readonly #toldAt: Float64Array;
  readonly #toldRank: Uint8Array;
  /** Bit n: the value `most - n` was seen; and may come once more, for its write was torn. */
  readonly #seen: Uint32Array;
  readonly #spare: Uint32Array;
  readonly #wrongKeys: Uint8Array;
  readonly #version: Uint16Array;
  readonly #flags: Uint8Array;
  readonly #mask: number;

  constructor(cards: number) {
    const places = 2 ** Math.max(1, Math.ceil(Math.log2(cards)));
    this.#mask = places - 1;
    this.most = new Float64Array(places).fill(-1);
    this.mostAt = new Float64Array(places);
    this.#keyHi = new Uint32Array(places);
    this.#keyLo = new Uint32Array(places);
    this.#usedAt = new Float64Array(places).fill(-1);
    this.#toldAt = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
    this.#toldRank = new Uint8Array(places);
    this.#seen = new Uint32Array(places);
    this.#spare = new Uint32Array(places);
    this.#wrongKeys = new Uint8Array(places);
    this.#version = new Uint16Array(places);
    this.#flags = new Uint8Array(places);
  }

  get byteLength(): number {
    return (this.#mask + 1) * (8 * 4 + 4 * 4 + 1 + 1 + 2 + 1);
  }

  find({ hi, lo }: NameHash, at: number): number {
    const first = lo & this.#mask;
    const second = first ^ 1;
    for (const place of [first, second]) {
      if ((this.#usedAt[place] ?? -1) >= 0 && this.#keyHi[place] === hi && this.#keyLo[place] === lo) {
        if (at > (this.#usedAt[place] ?? 0)) this.#usedAt[place] = at;
        return place;
      }
    }
    const place = (this.#usedAt[first] ?? 0) <= (this.#usedAt[second] ?? 0) ? first : second;
    this.#keyHi[place] = hi;
    this.#keyLo[place] = lo;
    this.#usedAt[place] = at;
    this.#toldAt[place] = Number.NEGATIVE_INFINITY;
    this.#wrongKeys[place] = 0;
    this.#version[place] = 0;
    this.#forget(place);
    return place;
  }

  countWrongKey(place: number): number {
    const count = Math.min(0xff, (this.#wrongKeys[place] ?? 0) + 1);
    this.#wrongKeys[place] = count;
    return count;
  }

  /** A card written anew begins a new count. */
  noteVersion(place: number, version: number | undefined): void {
    if (version === undefined) return;
    const known = this.#version[place] ?? 0;
    if (known !== 0 && known !== version + 1) this.#forget(place);
    this.#version[place] = version + 1;
  }

  rise(place: number, counter: number, at: number, isPrompt: boolean, isTorn: boolean): void {
    const most = this.most[place] ?? -1;
    const ahead = most < 0 ? KEPT_VALUES : counter - most;
    const shift = (bits: number) => (ahead >= KEPT_VALUES ? 0 : (bits << ahead) >>> 0);
    this.#seen[place] = (shift(this.#seen[place] ?? 0) | 1) >>> 0;
    this.#spare[place] = (shift(this.#spare[place] ?? 0) | (isTorn ? 1 : 0)) >>> 0;
    this.most[place] = counter;
    this.mostAt[place] = at;
    this.#flags[place] = isPrompt ? PROMPT_FLAG : 0;
  }

  isMostPrompt(place: number): boolean {
    return ((this.#flags[place] ?? 0) & PROMPT_FLAG) !== 0;
  }

  /** Takes note of the value `behind` below the largest. Once more it may come for each torn write: that is excused. */
  appear(place: number, behind: number, isTorn: boolean): "first" | "excused" | "second" {
    const bit = (1 << behind) >>> 0;
    const seen = this.#seen[place] ?? 0;
    const spare = this.#spare[place] ?? 0;
    if ((seen & bit) === 0) {
      this.#seen[place] = (seen | bit) >>> 0;
      if (isTorn) this.#spare[place] = (spare | bit) >>> 0;
      return "first";
    }
    if (isTorn) return "excused";
    if ((spare & bit) === 0) return "second";
    this.#spare[place] = spare & ~bit;
    return "excused";
  }

  /** Whether as much was told of this card within `spanMs`; notes that it is told now if not. */
  isTold(place: number, at: number, spanMs: number, rank: number): boolean {
    const isRecent = at - (this.#toldAt[place] ?? 0) < spanMs;
    if (isRecent && (this.#toldRank[place] ?? 0) >= rank) return true;
    this.#toldAt[place] = at;
    this.#toldRank[place] = rank;
    return false;
  }

  #forget(place: number): void {
    this.most[place] = -1;
    this.#seen[place] = 0;
    this.#spare[place] = 0;
  }
}
