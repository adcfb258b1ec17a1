import type { DoorMap } from "./doors.ts";
import type { Held } from "./order-buffer.ts";
import type { RuleId, Step } from "./rules.ts";

/** One sign that a rule saw: what it weighs and the numbers it was seen by. */
export interface Sign {
  readonly rule: RuleId;
  /** Natural log likelihood ratio, copy against none, before the cap of the rule's group. */
  readonly weight: number;
  readonly at: number;
  readonly gate: string;
  readonly accessPoint: string;
  readonly sequence?: number;
  /** E.g. `{ "seconds": 12, "neededSeconds": 95, "from": "gate-2-in" }`. */
  readonly inputs: Readonly<Record<string, number | string>>;
}

/** What a rule saw at an event. */
export function signOf(
  { gates, points }: DoorMap,
  { at, point, sequence }: Held,
  rule: RuleId,
  weight: number,
  inputs: Sign["inputs"],
): Sign {
  const door = points[point];
  const gate = gates[door?.gate ?? 0]?.id ?? "";
  const accessPoint = door?.id ?? "";
  return sequence < 0
    ? { rule, weight, at, gate, accessPoint, inputs }
    : { rule, weight, at, gate, accessPoint, sequence, inputs };
}

/**
 * A suspicion that reached a step. The engine takes none: it proposes. The same case (`id`) is told again when it reaches
 * the next step.
 */
export interface Case {
  readonly case: string;
  readonly credential: string;
  readonly kind: string;
  /** Time of the event that reached the step, by the gate's clock. */
  readonly at: number;
  readonly step: Step;
  /** 10 is where the holder is asked. */
  readonly score: number;
  /** That a copy exists. */
  readonly probability: number;
  /** The newest signs, oldest first; at most twelve. */
  readonly signs: readonly Sign[];
}

/** Something about a gate, not about a card. */
export interface GateNotice {
  readonly notice: "strangers";
  readonly gate: string;
  readonly at: number;
  /** Different cards that nobody knows, in one minute. */
  readonly cards: number;
}

const SIGNS_KEPT = 12;

/** Signs of one credential: a ring, once it is full. */
interface Page {
  readonly signs: Sign[];
  oldest: number;
}

/** The newest signs of those credentials that are under some suspicion; the oldest entry goes when it is full. */
export class Notebook {
  readonly #pages = new Map<number, Page>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  write(record: number, sign: Sign): void {
    const page = this.#pages.get(record);
    if (page !== undefined) {
      if (page.signs.length < SIGNS_KEPT) {
        page.signs.push(sign);
        return;
      }
      page.signs[page.oldest] = sign;
      page.oldest = (page.oldest + 1) % SIGNS_KEPT;
      return;
    }
    if (this.#pages.size >= this.#most) {
      for (const oldest of this.#pages.keys()) {
        this.#pages.delete(oldest);
        break;
      }
    }
    this.#pages.set(record, { signs: [sign], oldest: 0 });
  }

  read(record: number): readonly Sign[] {
    const page = this.#pages.get(record);
    if (page === undefined) return [];
    return [...page.signs.slice(page.oldest), ...page.signs.slice(0, page.oldest)];
  }

  forget(record: number): void {
    this.#pages.delete(record);
  }

  clear(): void {
    this.#pages.clear();
  }
}

/** Tells cases in the order of their times, though some are found a little after what came behind them. */
export class CaseQueue {
  readonly #tell: (found: Case) => void;
  readonly #waiting: Case[] = [];

  constructor(tell: (found: Case) => void) {
    this.#tell = tell;
  }

  readonly put = (found: Case): void => {
    const later = this.#waiting.findIndex(({ at }) => at > found.at);
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, found);
  };

  /** @param untilMs before which no case can be found any more */
  tellBefore(untilMs: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].at < untilMs) {
      const first = this.#waiting.shift();
      if (first !== undefined) this.#tell(first);
    }
  }
}
