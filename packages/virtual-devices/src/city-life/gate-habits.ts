const HALF_HOURS = 48;
const HALF_HOUR_MS = 1_800_000;
const COUNT_LIMIT = 15;
/** A gate says something only of a card of which it has seen more taps than this. */
const TAPS_BEFORE_SPEAKING = 60;

export interface GateHabits {
  /**
   * Notes a tap and answers whether its hour or door was new to this gate for a card that it knows well, as
   * docs/decisions/0017 has it. `localMs` counts from local midnight of 1 January 1970.
   */
  tap(gate: number, card: number, point: number, localMs: number, epoch: number): boolean;
}

/** What each gate keeps of each card over the epochs: 48 counts of half hours and its access points. */
export function makeGateHabits(gates: number, cards: number): GateHabits {
  const kept = new Map<number, { counts: Uint8Array; points: Set<number>; taps: number; epoch: number }>();
  return {
    tap(gate, card, point, localMs, epoch) {
      const key = gate * cards + card;
      let habit = kept.get(key);
      if (habit === undefined) {
        habit = { counts: new Uint8Array(HALF_HOURS), points: new Set(), taps: 0, epoch };
        kept.set(key, habit);
      }
      for (; habit.epoch < epoch; habit.epoch++) {
        habit.counts = habit.counts.map((count) => count >> 1);
      }
      const bin = Math.floor(localMs / HALF_HOUR_MS) % HALF_HOURS;
      const near = [bin, (bin + 1) % HALF_HOURS, (bin + HALF_HOURS - 1) % HALF_HOURS];
      const { counts, points, taps } = habit;
      const isNew = !points.has(point) || near.every((index) => (counts[index] ?? 0) === 0);
      points.add(point);
      counts[bin] = Math.min(COUNT_LIMIT, (counts[bin] ?? 0) + 1);
      habit.taps = taps + 1;
      return isNew && taps > TAPS_BEFORE_SPEAKING && gates > 0;
    },
  };
}

/** Gates tell each other their counters half a day after an epoch began. */
const CARRIED_AFTER_MS = 12 * 3_600_000;

/** What each gate remembers of true counters over the epochs: its own, and once an epoch those of the others. */
export function makeCounterMemory(cards: number) {
  const own = new Map<number, number>();
  const all = new Float64Array(cards).fill(-1);
  /** What all gates had seen when the epoch of `carriedEpoch` began. */
  const carried = new Float64Array(cards).fill(-1);
  let carriedEpoch = -1;
  return {
    /** Notes a counter; true if it lies below what this gate knew. */
    isBelow(gate: number, card: number, counter: number, epoch: number, sinceEpochMs: number): boolean {
      if (epoch > carriedEpoch) {
        carried.set(all);
        carriedEpoch = epoch;
      }
      const key = gate * cards + card;
      const seen = own.get(key) ?? -1;
      const known = sinceEpochMs >= CARRIED_AFTER_MS ? Math.max(seen, carried[card] ?? -1) : seen;
      own.set(key, Math.max(seen, counter));
      all[card] = Math.max(all[card] ?? -1, counter);
      return counter < known;
    },
  };
}
