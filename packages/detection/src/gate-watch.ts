import type { Held } from "./order-buffer.ts";

/** Arrival later than this says nothing of the clock: the gate was offline. */
const ONLINE_MS = 20_000;
/** Two windows of this length: the offset is what the quickest arrival of the last one to two of them says. */
const WINDOW_MS = 4 * 3_600_000;
/** What an event needs from a gate to a server that hears it at once. */
const TRAVEL_MS = 300;
const STEP_MS = 5_000;
/** How long a clock that was seen to jump is not relied on. */
const DOUBT_MS = 12 * 3_600_000;
/** Error of an offset that arrivals show. */
const MEASURED_ERROR_MS = 1_000;

/** What the engine found out about the clock and the record of one gate. */
export interface GateState {
  readonly gate: string;
  /** How far the clock is ahead, as far as known; undefined if arrivals do not show it. */
  readonly offsetMs: number | undefined;
  readonly errorMs: number;
  readonly jumps: number;
  /** Records that came out of the order of their numbers: a clock set back, or a gate restored from an older copy. */
  readonly outOfOrder: number;
  readonly duplicates: number;
}

/**
 * Watches one gate in the order of event times: finds duplicates, clocks that jump, and the clock's offset. This is where
 * most false alarms come from, so rules that compare times ask here first.
 */
export class GateWatch {
  readonly id: string;
  readonly #statedErrorMs: number;
  #highest = -1;
  #lastAt = -1;
  #lastSequence = -1;
  #lastKey = -1;
  #windowFrom = 0;
  #windowLeast = Number.POSITIVE_INFINITY;
  #beforeLeast = Number.POSITIVE_INFINITY;
  #doubtUntil = 0;
  #hasReceipts = false;
  jumps = 0;
  outOfOrder = 0;
  duplicates = 0;
  /** Different strangers' cards in the present minute: a bitmap of 64 places, and the minute. */
  strangersLow = 0;
  strangersHigh = 0;
  strangersMinute = 0;

  constructor(id: string, statedErrorMs: number) {
    this.id = id;
    this.#statedErrorMs = statedErrorMs;
  }

  /** Takes note of an event; false if it was seen before. `sequence` below 0 and `receivedAt` below 0: not known. */
  note({ at, receivedAt, sequence, keyLo }: Held): boolean {
    if (sequence >= 0) {
      if (at === this.#lastAt && sequence === this.#lastSequence && keyLo === this.#lastKey) {
        this.duplicates++;
        return false;
      }
      if (sequence <= this.#highest) {
        this.outOfOrder++;
        this.doubt(at);
      } else {
        this.#highest = sequence;
      }
    }
    this.#lastAt = at;
    this.#lastSequence = sequence;
    this.#lastKey = keyLo;
    if (receivedAt >= 0) this.#measure(at, receivedAt - at);
    return true;
  }

  /** From now on this gate's times are not relied on for a while. */
  doubt(at: number): void {
    this.#doubtUntil = at + DOUBT_MS;
  }

  isDoubted(at: number): boolean {
    return at < this.#doubtUntil;
  }

  /** To be added to the gate's times. */
  get correctionMs(): number {
    const least = Math.min(this.#windowLeast, this.#beforeLeast);
    return least < ONLINE_MS ? least - TRAVEL_MS : 0;
  }

  /** Standard error of corrected times; infinite while the clock cannot be checked. */
  get errorMs(): number {
    if (!this.#hasReceipts) return this.#statedErrorMs;
    return Math.min(this.#windowLeast, this.#beforeLeast) < ONLINE_MS
      ? MEASURED_ERROR_MS
      : Number.POSITIVE_INFINITY;
  }

  get state(): GateState {
    const isKnown = this.#hasReceipts && this.errorMs !== Number.POSITIVE_INFINITY;
    return {
      gate: this.id,
      offsetMs: isKnown ? -this.correctionMs : undefined,
      errorMs: this.errorMs,
      jumps: this.jumps,
      outOfOrder: this.outOfOrder,
      duplicates: this.duplicates,
    };
  }

  #measure(at: number, delayMs: number): void {
    const known = Math.min(this.#windowLeast, this.#beforeLeast);
    if (this.#hasReceipts && known < ONLINE_MS && delayMs < known - STEP_MS) {
      this.jumps++;
      this.doubt(at);
    }
    this.#hasReceipts = true;
    if (at >= this.#windowFrom + WINDOW_MS) {
      this.#beforeLeast =
        at < this.#windowFrom + 2 * WINDOW_MS ? this.#windowLeast : Number.POSITIVE_INFINITY;
      this.#windowLeast = Number.POSITIVE_INFINITY;
      this.#windowFrom = at;
    }
    if (delayMs < this.#windowLeast) this.#windowLeast = delayMs;
  }
}
