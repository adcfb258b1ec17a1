import { kindOf } from "./bits.ts";
import { Card } from "./card-row.ts";
import { missingBelow } from "./counters.ts";
import type { CredentialTable } from "./credential-table.ts";
import { T0_MS, TENTHS_MS } from "./local-clock.ts";
import type { Held } from "./order-buffer.ts";

const KINDS = 16;
/** Steps are told apart up to this one. */
const MOST_STEP = 64;
/** Of all steps of a kind, the share that makes a step usual: telephones read some cards, other readers count too. */
const USUAL_SHARE = 1e-3;
/** Until so many steps of a kind are known only steps beyond `FAR` count. */
const STEPS_BEFORE = 5_000;
const FAR = 15;
const MOST_WAITING = 4_096;

interface Gap {
  readonly event: Held;
  readonly record: number;
  readonly ahead: number;
  readonly due: number;
}

/** Whom gaps are told to that nobody filled. */
export interface GapJudge {
  judgeGap(card: Card, event: Held, ahead: number): void;
}

/**
 * R3: counters that leave values out which nobody fills in time, further than is usual for cards of their kind. A copy
 * whose emulator raised the counter does so once.
 */
export class CounterGaps {
  readonly #table: CredentialTable;
  readonly #card = new Card();
  /** Steps at least so long, by kind. */
  readonly #steps = new Float64Array(KINDS * (MOST_STEP + 1));
  #waiting: Gap[] = [];
  #first = 0;

  constructor(table: CredentialTable) {
    this.#table = table;
  }

  /** Takes note that a counter rose by `ahead`; what it left out may come until `due` (tenths of seconds). */
  note(record: number, event: Held, ahead: number, due: number): void {
    if (ahead === 1) {
      this.#count(kindOf(event.bits), 1);
      return;
    }
    // Above the bound the rule is silent: what the ordered rules see of the same copy is told all the same.
    if (this.#waiting.length - this.#first < MOST_WAITING) {
      this.#waiting.push({ event: event.copy(), record, ahead, due });
    }
  }

  /** Time of the oldest event whose gap may still be told of; infinite if there is none. */
  get waitsSince(): number {
    return this.#waiting[this.#first]?.event.at ?? Number.POSITIVE_INFINITY;
  }

  /** Whether a gap was due before the event. Passed on as a number, its time would be put in a box for each event. */
  isDue({ at }: Held): boolean {
    const gap = this.#waiting[this.#first];
    return gap !== undefined && gap.due < (at - T0_MS) / TENTHS_MS;
  }

  /** Tells of gaps that were due before `until` (tenths of seconds) and are unusual. */
  settle(until: number, judge: GapJudge): void {
    for (;;) {
      const gap = this.#waiting[this.#first];
      if (gap === undefined || gap.due >= until) break;
      this.#first++;
      if (this.#first > MOST_WAITING) {
        this.#waiting = this.#waiting.slice(this.#first);
        this.#first = 0;
      }
      const { event, record, ahead } = gap;
      this.#table.open(record, this.#card);
      const missing = missingBelow(this.#card, event.counter, ahead);
      const kind = kindOf(event.bits);
      const isUnusual = missing > 0 && this.#isUnusual(kind, missing + 1);
      this.#count(kind, missing + 1);
      if (isUnusual) judge.judgeGap(this.#card, event, missing + 1);
    }
  }

  #isUnusual(kind: number, step: number): boolean {
    const all = this.#steps[kind * (MOST_STEP + 1) + 1] ?? 0;
    if (all < STEPS_BEFORE) return step > FAR;
    let usual = 2;
    while (usual < MOST_STEP && (this.#steps[kind * (MOST_STEP + 1) + usual] ?? 0) >= all * USUAL_SHARE)
      usual++;
    return step >= 2 * usual;
  }

  #count(kind: number, step: number): void {
    const base = kind * (MOST_STEP + 1);
    for (let least = Math.min(MOST_STEP, step); least >= 1; least--) {
      this.#steps[base + least] = (this.#steps[base + least] ?? 0) + 1;
    }
  }
}
