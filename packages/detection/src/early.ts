import type { Case, Sign } from "./case.ts";
import type { DoorMap } from "./doors.ts";
import type { AccessEvent } from "./event.ts";
import { T0_MS } from "./judge.ts";
import type { NameHash } from "./name-hash.ts";
import { type OnceRuleId, type Settings, STEPS, type Step } from "./rules.ts";
import { probabilityOf } from "./score.ts";

const DAY_MS = 86_400_000;
/** Values remembered below the largest. */
const KEPT_VALUES = 32;
/** Numbers of records remembered of each gate, to know a second upload of the same record. */
const KEPT_SEQUENCES = 4_096;
/** A record that came this soon has a time that its receipt vouches for. */
const PROMPT_MS = 600_000;
const MOST_ENDED = 50_000;
/** One wrong key may be an old key version; the second is not. */
const WRONG_KEYS = 2;

/**
 * What needs no waiting: certain whatever else may still come. A value shown twice is a fork, in whatever order the two
 * records arrive; so are a lower value after a higher one when both records came at once, and what the gate itself saw.
 *
 * Its memory is of a fixed size, for the cards used last; what it misses the ordered rules find within the lateness bound.
 */
export class EarlyWatch {
  readonly #doors: DoorMap;
  readonly #settings: Settings;
  readonly #tell: (found: Case) => void;
  readonly #arrivals: readonly GateArrivals[];
  readonly #ended = new Map<string, number>();
  #cards: Cards | undefined;

  constructor(doors: DoorMap, settings: Settings, tell: (found: Case) => void) {
    this.#doors = doors;
    this.#settings = settings;
    this.#tell = tell;
    this.#arrivals = doors.gates.map(() => new GateArrivals());
  }

  get byteLength(): number {
    return (this.#cards?.byteLength ?? 0) + this.#arrivals.length * (KEPT_SEQUENCES / 8);
  }

  end(credential: string, at: number): void {
    const known = this.#ended.get(credential);
    if (known !== undefined && known <= at) return;
    if (known === undefined && this.#ended.size >= MOST_ENDED) return;
    this.#ended.set(credential, at);
  }

  take(event: AccessEvent, gate: number, hash: NameHash): void {
    const { sequence, counter, failure, wentBack } = event;
    if (sequence === undefined || this.#arrivals[gate]?.note(sequence) !== true) return;
    const isOver = event.result === "granted" && this.#isOver(event);
    if (counter === undefined && failure !== "wrong-key" && failure !== "replay" && !isOver) return;
    this.#cards ??= new Cards(this.#settings.earlyCards);
    const place = this.#cards.find(hash, event.at);
    if (isOver) this.#say(place, event, "R13", { minutesAfter: this.#minutesOver(event) });
    if (failure === "replay") this.#say(place, event, "R1", { refusedByGate: 1 });
    if (wentBack === true) this.#say(place, event, "R1", { belowWhatGateSaw: 1 });
    if (failure === "wrong-key" && this.#cards.countWrongKey(place) >= WRONG_KEYS) {
      this.#say(place, event, "R4", { failures: WRONG_KEYS });
    }
    if (counter !== undefined) this.#judgeCounter(this.#cards, place, event, counter);
  }

  #judgeCounter(cards: Cards, place: number, event: AccessEvent, counter: number): void {
    cards.noteVersion(place, event.keyVersion);
    const most = cards.most[place] ?? -1;
    const mostAt = cards.mostAt[place] ?? 0;
    const isPrompt = event.receivedAt !== undefined && Math.abs(event.receivedAt - event.at) <= PROMPT_MS;
    const slack = Math.max(PROMPT_MS, this.#settings.counterSlackMinutes * 60_000);
    if (most < 0 || counter > most) {
      if (most >= 0 && isPrompt && cards.isMostPrompt(place) && event.at < mostAt - slack) {
        this.#say(place, event, "R2", {
          ahead: counter - most,
          seconds: Math.round((mostAt - event.at) / 1_000),
        });
      }
      cards.rise(place, counter, event.at, isPrompt, event.torn === true);
      return;
    }
    const behind = most - counter;
    if (behind >= KEPT_VALUES) return;
    const appearance = cards.appear(place, behind, event.torn === true);
    if (appearance === "second") {
      this.#say(place, event, "R1", { behind });
    } else if (appearance === "first" && isPrompt && cards.isMostPrompt(place) && event.at > mostAt + slack) {
      this.#say(place, event, "R2", { behind, seconds: Math.round((event.at - mostAt) / 1_000) });
    }
  }

  #isOver(event: AccessEvent): boolean {
    const ended = this.#ended.get(event.credential);
    return ended !== undefined && event.at > ended + this.#settings.endGraceMinutes * 60_000;
  }

  #minutesOver(event: AccessEvent): number {
    return Math.round((event.at - (this.#ended.get(event.credential) ?? event.at)) / 60_000);
  }

  #say(place: number, event: AccessEvent, rule: OnceRuleId | "R4", inputs: Sign["inputs"]): void {
    if (this.#cards?.isTold(place, event.at, this.#settings.caseDays * DAY_MS) !== false) return;
    const { weights, secondFactorScore } = this.#settings;
    const weight = rule === "R4" ? (weights.dense.R4[WRONG_KEYS] ?? 0) : weights.once[rule];
    const score = rule === "R13" ? 0 : weight;
    if (rule !== "R13" && score < 10) return;
    const step: Step =
      rule === "R13"
        ? STEPS[4]
        : rule !== "R4"
          ? "replace"
          : score < secondFactorScore
            ? "ask"
            : "second-factor";
    const { at, gate, accessPoint, credential, kind, sequence } = event;
    const day = Math.floor((at - T0_MS + this.#doors.utcOffsetMinutes * 60_000) / DAY_MS);
    this.#tell({
      case: `${credential}/${day}`,
      credential,
      kind,
      at,
      step,
      score: Math.round(score * 100) / 100,
      probability: probabilityOf(score, this.#settings),
      signs: [
        { rule, weight, at, gate, accessPoint, ...(sequence === undefined ? {} : { sequence }), inputs },
      ],
    });
  }
}

/** Which numbers of a gate's records came already, the last few thousand. */
class GateArrivals {
  readonly #seen = new Uint32Array(KEPT_SEQUENCES / 32);
  #highest = -1;

  /** False if the record came before, or may have. */
  note(sequence: number): boolean {
    if (sequence > this.#highest) {
      if (sequence - this.#highest >= KEPT_SEQUENCES) this.#seen.fill(0);
      else for (let one = this.#highest + 1; one < sequence; one++) this.#clear(one);
      this.#highest = sequence;
      this.#set(sequence);
      return true;
    }
    if (this.#highest - sequence >= KEPT_SEQUENCES || this.#has(sequence)) return false;
    this.#set(sequence);
    return true;
  }

  #has(sequence: number): boolean {
    const place = sequence % KEPT_SEQUENCES;
    return (((this.#seen[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1;
  }

  #set(sequence: number): void {
    const place = sequence % KEPT_SEQUENCES;
    this.#seen[place >>> 5] = ((this.#seen[place >>> 5] ?? 0) | (1 << (place & 31))) >>> 0;
  }

  #clear(sequence: number): void {
    const place = sequence % KEPT_SEQUENCES;
    this.#seen[place >>> 5] = (this.#seen[place >>> 5] ?? 0) & ~(1 << (place & 31));
  }
}

const PROMPT_FLAG = 1;

/** Cards by a hash of their names: two places each, the one used longer ago is given up for a third. */
class Cards {
  readonly most: Float64Array;
  readonly mostAt: Float64Array;
  readonly #keyHi: Uint32Array;
  readonly #keyLo: Uint32Array;
  readonly #usedAt: Float64Array;
  readonly #toldAt: Float64Array;
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
    this.#seen = new Uint32Array(places);
    this.#spare = new Uint32Array(places);
    this.#wrongKeys = new Uint8Array(places);
    this.#version = new Uint16Array(places);
    this.#flags = new Uint8Array(places);
  }

  get byteLength(): number {
    return (this.#mask + 1) * (8 * 4 + 4 * 4 + 1 + 2 + 1);
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

  /** Whether it was told of this card within `spanMs`; notes that it is told now if not. */
  isTold(place: number, at: number, spanMs: number): boolean {
    if (at - (this.#toldAt[place] ?? 0) < spanMs) return true;
    this.#toldAt[place] = at;
    return false;
  }

  #forget(place: number): void {
    this.most[place] = -1;
    this.#seen[place] = 0;
    this.#spare[place] = 0;
  }
}
