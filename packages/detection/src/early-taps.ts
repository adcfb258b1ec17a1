import { NO_POINT } from "./credential-table.ts";

/** Places; who else falls on one takes it over. Walks last minutes, so a community's last taps have room. */
const PLACES = 1 << 14;

/** A tap whose time its receipt vouches for. */
export interface PromptTap {
  at: number;
  point: number;
  sequence: number;
}

/** Where cards were seen last, of those seen lately; in memory of a fixed size. */
export class LastTaps {
  readonly #keyHi = new Uint32Array(PLACES);
  readonly #keyLo = new Uint32Array(PLACES);
  readonly #at = new Float64Array(PLACES);
  readonly #sequence = new Float64Array(PLACES);
  readonly #point = new Uint16Array(PLACES).fill(NO_POINT);

  get byteLength(): number {
    return PLACES * (4 + 4 + 8 + 8 + 2);
  }

  /** The card's last tap, written into `into`; false if none is remembered. */
  read(hi: number, lo: number, into: PromptTap): boolean {
    const place = lo & (PLACES - 1);
    const point = this.#point[place] ?? NO_POINT;
    if (point === NO_POINT || this.#keyHi[place] !== hi || this.#keyLo[place] !== lo) return false;
    into.at = this.#at[place] ?? 0;
    into.point = point;
    into.sequence = this.#sequence[place] ?? 0;
    return true;
  }

  write(hi: number, lo: number, { at, point, sequence }: PromptTap): void {
    const place = lo & (PLACES - 1);
    this.#keyHi[place] = hi;
    this.#keyLo[place] = lo;
    this.#at[place] = at;
    this.#point[place] = point;
    this.#sequence[place] = sequence;
  }
}
