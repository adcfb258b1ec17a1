import { HOUR_BINS } from "./card-row.ts";

/** Of all taps at inner doors, the share at strange ones from which on they are usual; and how many there must be. */
const STRANGE_USUAL = 0.01;
const STRANGE_BEFORE = 20;

/** At which hours and doors all cards together are used: what a stranger to a card would look like. */
export class Population {
  readonly #hours = new Float64Array(2 * HOUR_BINS).fill(1);
  readonly #hourSums = Float64Array.of(HOUR_BINS, HOUR_BINS);
  readonly #points: Float64Array;
  #pointSum: number;
  #inner = 0;
  #strange = 0;

  constructor(points: number) {
    this.#points = new Float64Array(points).fill(1);
    this.#pointSum = points;
  }

  note(isWeekend: number, hour: number, point: number): void {
    const bin = isWeekend * HOUR_BINS + hour;
    this.#hours[bin] = (this.#hours[bin] ?? 0) + 1;
    this.#hourSums[isWeekend] = (this.#hourSums[isWeekend] ?? 0) + 1;
    this.#points[point] = (this.#points[point] ?? 0) + 1;
    this.#pointSum++;
  }

  noteInner(): void {
    this.#inner++;
  }

  noteStrange(): void {
    this.#strange++;
  }

  /** Whether residents go to each other's buildings, or the doors file makes no difference between them. */
  get isStrangeUsual(): boolean {
    return this.#strange > STRANGE_BEFORE && this.#strange > this.#inner * STRANGE_USUAL;
  }

  hourShare(isWeekend: number, hour: number): number {
    return (this.#hours[isWeekend * HOUR_BINS + hour] ?? 0) / (this.#hourSums[isWeekend] ?? 1);
  }

  pointShare(point: number): number {
    return (this.#points[point] ?? 0) / this.#pointSum;
  }
}
