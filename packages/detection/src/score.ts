import {
  bucketOf,
  DAILY_RULES,
  type DailyRuleId,
  RULES,
  type Settings,
  shiftOf,
  type Weights,
  type WeightTable,
} from "./rules.ts";

/** Bit of a day's features beside the buckets: a counter rose or a challenge was answered. */
export const PROVEN_BIT = 1 << 16;
const COMBINATIONS = 1 << 16;
/** As many as two bits tell apart. */
const BUILDING_BUCKETS = 4;
/** No rule has more buckets, and none begins at a higher bit. */
const BUCKETS = 8;
const BUCKET_SHIFTS = 20;

/**
 * What a whole day weighs, looked up by its buckets: those that hang together in one table, R19 apart. Dense and sparse
 * stand side by side, for whoever asks for one asks for the other.
 */
export interface DayWeights {
  readonly together: Float32Array;
  readonly building: Float64Array;
  /** What each bucket weighs by itself, against the kind of copy that it speaks for most: see `mostOf`. */
  readonly most: Float64Array;
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
  const denseScale = askDense / 10;
  const sparseScale = askSparse / 10;
  const together = new Float32Array(2 * COMBINATIONS);
  for (let today = 0; today < COMBINATIONS; today++) {
    together[2 * today] = weightOfDay(dense, today, denseScale);
    together[2 * today + 1] = weightOfDay(sparse, today, sparseScale);
  }
  const building = new Float64Array(2 * BUILDING_BUCKETS);
  for (let bucket = 0; bucket < BUILDING_BUCKETS; bucket++) {
    building[2 * bucket] = (dense.R19[bucket] ?? 0) * denseScale;
    building[2 * bucket + 1] = (sparse.R19[bucket] ?? 0) * sparseScale;
  }
  const most = new Float64Array(BUCKET_SHIFTS * BUCKETS);
  for (const rule of DAILY_RULES) {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const weight = Math.max(dense[rule][bucket] ?? 0, sparse[rule][bucket] ?? 0);
      most[shiftOf(rule) * BUCKETS + bucket] = weight;
    }
  }
  const computed = { together, building, most };
  COMPUTED.set(weights, computed);
  return computed;
}

export function mostOf({ most }: DayWeights, rule: DailyRuleId, bucket: number): number {
  return most[shiftOf(rule) * BUCKETS + bucket] ?? 0;
}

export function denseOf({ together, building }: DayWeights, today: number): number {
  return (together[2 * (today & (COMBINATIONS - 1))] ?? 0) + (building[2 * bucketOf(today, "R19")] ?? 0);
}

export function sparseOf({ together, building }: DayWeights, today: number): number {
  return (
    (together[2 * (today & (COMBINATIONS - 1)) + 1] ?? 0) + (building[2 * bucketOf(today, "R19") + 1] ?? 0)
  );
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
