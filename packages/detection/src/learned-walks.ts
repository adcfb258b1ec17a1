/** Cards that must have been that fast before it is believed of anybody. */
const CARDS = 6;
const MOST_PAIRS = 16_384;
/** Where no walking time is configured, so many walks must have been seen. */
const WALKS_BEFORE = 200;
/** Somebody will be a little faster than the fastest so far. */
const MARGIN = 0.8;
const LONGEST_TENTHS = 18_000;
/** Nothing is learnt of walks that took as long, and nobody is said to need as long. */
export const LONGEST_LEARNT_SECONDS = LONGEST_TENTHS / 10 + 1;

interface Pair {
  walks: number;
  readonly keys: Int32Array;
  /** Tenths of seconds, rising; of different cards. */
  readonly fastest: Uint16Array;
}

/**
 * Walking times as cards show them. Six different cards that were faster than the map says make the map wrong there; where
 * the map says nothing, the sixth fastest of many walks is what anybody can do. One copied card moves neither.
 */
export class LearnedWalks {
  readonly #pairs = new Map<number, Pair>();

  /** Takes note of a walk; call it for walks that the map forbids, and for those it does not know. */
  note(pair: number, key: number, tenths: number): void {
    if (tenths > LONGEST_TENTHS) return;
    let known = this.#pairs.get(pair);
    if (known === undefined) {
      // What comes after the bound is not learnt: the configured times hold.
      if (this.#pairs.size >= MOST_PAIRS) return;
      known = { walks: 0, keys: new Int32Array(CARDS), fastest: new Uint16Array(CARDS).fill(0xffff) };
      this.#pairs.set(pair, known);
    }
    known.walks++;
    const { keys, fastest } = known;
    const own = keys.findIndex((one, place) => one === key && fastest[place] !== 0xffff);
    if (own >= 0 && (fastest[own] ?? 0) <= tenths) return;
    // The place of the same card, or the slowest one, moves up to where it belongs.
    let place = own >= 0 ? own : CARDS - 1;
    if (own < 0 && (fastest[place] ?? 0) <= tenths) return;
    for (; place > 0 && (fastest[place - 1] ?? 0) > tenths; place--) {
      fastest[place] = fastest[place - 1] ?? 0;
      keys[place] = keys[place - 1] ?? 0;
    }
    fastest[place] = tenths;
    keys[place] = key;
  }

  /** Seconds below which nobody gets from one to the other; undefined if too few cards have shown it. */
  leastSeconds(pair: number, isConfigured: boolean): number | undefined {
    const known = this.#pairs.get(pair);
    if (known === undefined || (!isConfigured && known.walks < WALKS_BEFORE)) return undefined;
    const last = known.fastest[CARDS - 1] ?? 0xffff;
    return last === 0xffff ? undefined : (last / 10) * MARGIN;
  }
}
