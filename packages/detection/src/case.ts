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
