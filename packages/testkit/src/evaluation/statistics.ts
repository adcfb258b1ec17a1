import type { Random } from "@menshen/virtual-devices";

export interface Estimate {
  readonly value: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

const Z = 1.96;
const RESAMPLES = 2_000;

/** Share of successes with Wilson's interval, widened to what resampling whole communities says, if that is wider. */
export function shareEstimate(
  groups: readonly { readonly hits: number; readonly of: number }[],
  random: Random,
): Estimate {
  const hits = groups.reduce((sum, group) => sum + group.hits, 0);
  const of = groups.reduce((sum, group) => sum + group.of, 0);
  if (of === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  const share = hits / of;
  const centre = (share + (Z * Z) / (2 * of)) / (1 + (Z * Z) / of);
  const half = (Z / (1 + (Z * Z) / of)) * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
  const sampled = resampled(groups, random);
  return {
    value: share,
    low: Math.max(0, Math.min(centre - half, sampled.low)),
    high: Math.min(1, Math.max(centre + half, sampled.high)),
  };
}

/** Events for each unit of exposure; interval from resampling communities, and of Poisson's law where that is wider. */
export function rateEstimate(
  groups: readonly { readonly hits: number; readonly of: number }[],
  random: Random,
): Estimate {
  const hits = groups.reduce((sum, group) => sum + group.hits, 0);
  const of = groups.reduce((sum, group) => sum + group.of, 0);
  const sampled = resampled(groups, random);
  // Byar's approximation of the exact limits.
  const low = hits === 0 ? 0 : hits * (1 - 1 / (9 * hits) - Z / (3 * Math.sqrt(hits))) ** 3;
  const more = hits + 1;
  const high = more * (1 - 1 / (9 * more) + Z / (3 * Math.sqrt(more))) ** 3;
  return { value: hits / of, low: Math.min(low / of, sampled.low), high: Math.max(high / of, sampled.high) };
}

function resampled(groups: readonly { readonly hits: number; readonly of: number }[], random: Random) {
  const values = Array.from({ length: RESAMPLES }, () => {
    let hits = 0;
    let of = 0;
    for (let draw = 0; draw < groups.length; draw++) {
      const group = random.pick(groups);
      hits += group.hits;
      of += group.of;
    }
    return of === 0 ? 0 : hits / of;
  }).sort((a, b) => a - b);
  return {
    low: values[Math.floor(RESAMPLES * 0.025)] ?? 0,
    high: values[Math.floor(RESAMPLES * 0.975)] ?? 0,
  };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
