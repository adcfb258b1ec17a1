import type { Sign } from "./case.ts";
import type { DoorMap } from "./doors.ts";
import type { Held } from "./order-buffer.ts";
import { RULE_IDS, type RuleId } from "./rules.ts";

const SIGNS_KEPT = 12;
const FIRST_PAGES = 64;
/** A sign's row, as four numbers of 64 bits or as eight of 32: half a line of the cache. */
const REALS = 4;
const WORDS = 8;
/** Where in a row what stands: of the first three numbers of 64 bits, then of those of 32. */
const AT = 0;
const WEIGHT = 1;
const SEQUENCE = 2;
/** Number of the rule in `RULE_IDS`, and of the access point above it. */
const RULE_POINT = 6;
const INPUT = 7;
const RULE_BITS = 8;
const RULE_MASK = (1 << RULE_BITS) - 1;

/** Rules that see one small whole number: what its name is in a sign. */
const INPUT_NAMES = { R8: "tapsToday", R9: "hour", R10: "hour" } as const;
export type HabitRuleId = keyof typeof INPUT_NAMES;

/**
 * The newest signs of those credentials that are under some suspicion; the credential noted first goes when it is full.
 * Habits make a sign every few events, and few are ever read: they are kept as numbers and become signs when they are.
 */
export class Notebook {
  readonly #doors: DoorMap;
  readonly #most: number;
  /** Each credential's page: twelve rows, a ring once they are full. */
  readonly #pages = new Map<number, number>();
  readonly #freePages: number[] = [];
  #usedPages = 0;
  /** Signs ever written to each page. */
  #written = new Uint32Array(FIRST_PAGES);
  #reals = new Float64Array(FIRST_PAGES * SIGNS_KEPT * REALS);
  #words = new Uint32Array(this.#reals.buffer);
  /** Of each row, unless its rule is one of `INPUT_NAMES`. */
  readonly #inputs: Sign["inputs"][] = [];

  constructor(doors: DoorMap, most: number) {
    this.#doors = doors;
    this.#most = most;
  }

  write(record: number, event: Held, rule: RuleId, weight: number, inputs: Sign["inputs"]): void {
    const row = this.#writeRow(record, event, rule, weight);
    // In turn, for a list with holes takes more room.
    while (this.#inputs.length < row) this.#inputs.push({});
    this.#inputs[row] = inputs;
  }

  writeHabit(record: number, event: Held, rule: HabitRuleId, weight: number, input: number): void {
    const row = this.#writeRow(record, event, rule, weight);
    this.#words[row * WORDS + INPUT] = input;
  }

  /** Oldest first. */
  read(record: number): readonly Sign[] {
    const page = this.#pages.get(record);
    if (page === undefined) return [];
    const written = this.#written[page] ?? 0;
    const kept = Math.min(written, SIGNS_KEPT);
    return Array.from({ length: kept }, (_, index) =>
      this.#signAt(page * SIGNS_KEPT + ((written - kept + index) % SIGNS_KEPT)),
    );
  }

  forget(record: number): void {
    const page = this.#pages.get(record);
    if (page === undefined) return;
    this.#pages.delete(record);
    this.#freePages.push(page);
  }

  clear(): void {
    for (const record of this.#pages.keys()) this.forget(record);
  }

  #signAt(row: number): Sign {
    const rulePoint = this.#words[row * WORDS + RULE_POINT] ?? 0;
    const rule = RULE_IDS[rulePoint & RULE_MASK] ?? "R1";
    const door = this.#doors.points[rulePoint >>> RULE_BITS];
    const input = this.#words[row * WORDS + INPUT] ?? 0;
    const sequence = this.#reals[row * REALS + SEQUENCE] ?? -1;
    return {
      rule,
      weight: this.#reals[row * REALS + WEIGHT] ?? 0,
      at: this.#reals[row * REALS + AT] ?? 0,
      gate: this.#doors.gates[door?.gate ?? 0]?.id ?? "",
      accessPoint: door?.id ?? "",
      ...(sequence < 0 ? {} : { sequence }),
      inputs: isHabit(rule) ? { [INPUT_NAMES[rule]]: input } : (this.#inputs[row] ?? {}),
    };
  }

  /** The row written, all but what the rule saw. */
  #writeRow(record: number, { at, point, sequence }: Held, rule: RuleId, weight: number): number {
    const page = this.#pages.get(record) ?? this.#begin(record);
    const written = this.#written[page] ?? 0;
    this.#written[page] = written + 1;
    const row = page * SIGNS_KEPT + (written % SIGNS_KEPT);
    const real = row * REALS;
    this.#reals[real + AT] = at;
    this.#reals[real + WEIGHT] = weight;
    this.#reals[real + SEQUENCE] = sequence;
    this.#words[row * WORDS + RULE_POINT] = RULE_IDS.indexOf(rule) | (point << RULE_BITS);
    return row;
  }

  #begin(record: number): number {
    if (this.#pages.size >= this.#most) {
      for (const oldest of this.#pages.keys()) {
        this.forget(oldest);
        break;
      }
    }
    const page = this.#freePages.pop() ?? this.#usedPages++;
    if (page === this.#written.length) this.#grow();
    this.#pages.set(record, page);
    this.#written[page] = 0;
    return page;
  }

  #grow(): void {
    const written = new Uint32Array(this.#written.length * 2);
    written.set(this.#written);
    this.#written = written;
    const reals = new Float64Array(this.#reals.length * 2);
    reals.set(this.#reals);
    this.#reals = reals;
    this.#words = new Uint32Array(reals.buffer);
  }
}

function isHabit(rule: RuleId): rule is HabitRuleId {
  return rule in INPUT_NAMES;
}
