/** 1 January 2020, a Wednesday: times in records count from here. */
export const T0_MS = Date.UTC(2020, 0, 1);
/** Of the unit in which records keep times. */
export const TENTHS_MS = 100;
const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const SATURDAY = 3;

/** Local hour and day of events in the order of their times: reckoned anew only where another hour begins. */
export class LocalClock {
  /** Days from `T0_MS`. */
  day = 0;
  hour = 0;
  /** 1 on Saturdays and Sundays. */
  isWeekend = 0;
  readonly #aheadMs: number;
  #from = Number.NaN;
  #until = Number.NaN;

  constructor(utcOffsetMinutes: number) {
    this.#aheadMs = utcOffsetMinutes * 60_000 - T0_MS;
  }

  set(atMs: number): void {
    // Written so that it holds before the first event too.
    if (!(atMs >= this.#from && atMs < this.#until)) this.#beginHour(atMs);
  }

  dayOf(atMs: number): number {
    return Math.floor((atMs + this.#aheadMs) / (DAY_HOURS * HOUR_MS));
  }

  #beginHour(atMs: number): void {
    const hours = Math.floor((atMs + this.#aheadMs) / HOUR_MS);
    this.#from = hours * HOUR_MS - this.#aheadMs;
    this.#until = this.#from + HOUR_MS;
    this.day = this.dayOf(atMs);
    // Times before 2020 are below 0.
    const hour = hours % DAY_HOURS;
    this.hour = hour < 0 ? hour + DAY_HOURS : hour;
    const weekday = this.day % 7;
    this.isWeekend = weekday === SATURDAY || weekday === SATURDAY + 1 ? 1 : 0;
  }
}
