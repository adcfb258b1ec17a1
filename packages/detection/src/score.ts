import {
  bucketOf,
  DAILY_RULES,
  type DailyRuleId,
  RULES,
  type Settings,
  type Weights,
  type WeightTable,
} from "./rules.ts";

/** Bit of a day's features beside the buckets: a counter rose or a challenge was answered. */
export const PROVEN_BIT = 1 << 16;
const COMBINATIONS = 1 << 16;

/** What a whole day weighs, looked up by its buckets: those that hang together in one table, R19 apart. */
export interface DayTable {
  readonly together: Float32Array;
  readonly building: readonly number[];
}

export interface DayWeights {
  readonly dense: DayTable;
  readonly sparse: DayTable;
}

/** A table takes a twentieth of a second; all engines of one process have the same few. */
const COMPUTED = new WeakMap<Weights, DayWeights>();

/**
 * Adds the groups, each capped at its largest member: rules of one group see the same thing from two sides. Where no
 * member speaks for a copy, the one that speaks most against it counts.
 */
export function dayWeights({ weights }: Settings): DayWeights {
  const { dense, sparse, askDense, askSparse } = weights;
  const known = COMPUTED.get(weights);
  if (known !== undefined) return known;
  const computed = { dense: dayTable(dense, askDense / 10), sparse: dayTable(sparse, askSparse / 10) };
  COMPUTED.set(weights, computed);
  return computed;
}

export function weightOf(table: DayTable, today: number): number {
  return (table.together[today & (COMBINATIONS - 1)] ?? 0) + (table.building[bucketOf(today, "R19")] ?? 0);
}

function dayTable(table: WeightTable, proofScale: number): DayTable {
  return {
    together: new Float32Array(COMBINATIONS).map((_, today) => weightOfDay(table, today, proofScale)),
    building: table.R19.map((weight) => weight * proofScale),
  };
}

function weightOfDay(table: WeightTable, today: number, proofScale: number): number {
  let sum = 0;
  for (const group of ["proof", "travel", "habit"]) {
    let most = Number.NEGATIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    for (const rule of DAILY_RULES) {
      if (RULES[rule].group !== group) continue;
      const weight = table[rule][bucketOf(today, rule)] ?? 0;
      most = Math.max(most, weight);
      least = Math.min(least, weight);
    }
    // What a key proves is written for an ask at 10, as the rules that count at once are.
    sum += (most > 0 ? most : least) * (group === "proof" ? proofScale : 1);
  }
  return sum;
}

/** The buckets of a day by rule, for learning and for showing. */
export function bucketsOfDay(today: number): Record<DailyRuleId, number> {
  const of = (rule: DailyRuleId) => bucketOf(today, rule);
  return {
    R4: of("R4"),
    R5: of("R5"),
    R6: of("R6"),
    R7: of("R7"),
    R8: of("R8"),
    R9: of("R9"),
    R10: of("R10"),
    R18: of("R18"),
    R19: of("R19"),
  };
}

/** Probability that a copy exists, of a card with this score (10: the holder is asked), for the community's prior. */
export function probabilityOf(score: number, settings: Settings): number {
  const { intercept, slope, prior } = settings.weights.calibration;
  const shift = Math.log(settings.prior / (1 - settings.prior)) - Math.log(prior / (1 - prior));
  return 1 / (1 + Math.exp(-(intercept + slope * score + shift)));
}
