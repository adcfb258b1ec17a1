/**
 * A set of instants as sorted, disjoint, not touching half-open intervals: `[start, end, start, end, …]` in
 * milliseconds, ends may be infinite.
 */
export type IntervalSet = readonly number[];

export const NEVER: IntervalSet = [];
export const ALWAYS: IntervalSet = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** The one interval `from` ≤ t < `until`; empty if they are not in order. */
export function interval(from: number, until: number): IntervalSet {
  return from < until ? [from, until] : NEVER;
}

/** A validity with its open ends. */
export function validityInterval(validity: { from?: number; until?: number }): IntervalSet {
  return interval(validity.from ?? Number.NEGATIVE_INFINITY, validity.until ?? Number.POSITIVE_INFINITY);
}

export function union(sets: readonly IntervalSet[]): IntervalSet {
  const [first, ...others] = sets.filter((set) => set.length > 0);
  if (first === undefined) return NEVER;
  if (others.length === 0) return first;
  const pairs = sets.flatMap(pairsOf).sort((a, b) => a[0] - b[0]);
  const result: number[] = [];
  for (const [start, end] of pairs) {
    const last = result.at(-1);
    if (last === undefined || start > last) result.push(start, end);
    else if (end > last) result[result.length - 1] = end;
  }
  return result;
}

export function intersection(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (isAlways(a)) return b;
  if (isAlways(b)) return a;
  const result: number[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const [startA, endA] = [a[i], a[i + 1]];
    const [startB, endB] = [b[j], b[j + 1]];
    if (startA === undefined || endA === undefined || startB === undefined || endB === undefined)
      return result;
    const start = Math.max(startA, startB);
    const end = Math.min(endA, endB);
    if (start < end) result.push(start, end);
    if (endA < endB) i += 2;
    else j += 2;
  }
}

export function complement(set: IntervalSet): IntervalSet {
  const result: number[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const [start, end] of pairsOf(set)) {
    if (from < start) result.push(from, start);
    from = end;
  }
  if (from < Number.POSITIVE_INFINITY) result.push(from, Number.POSITIVE_INFINITY);
  return result;
}

/** True if every instant of `inner`, which is not empty, is in `outer`. */
export function covers(outer: IntervalSet, inner: IntervalSet): boolean {
  if (outer.length === 2) return (outer[0] ?? 0) <= (inner[0] ?? 0) && (inner.at(-1) ?? 0) <= (outer[1] ?? 0);
  const common = intersection(outer, inner);
  return common.length === inner.length && common.every((edge, index) => edge === inner[index]);
}

export function pairsOf(set: IntervalSet): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0; i + 1 < set.length; i += 2) {
    const [start, end] = [set[i], set[i + 1]];
    if (start !== undefined && end !== undefined) pairs.push([start, end]);
  }
  return pairs;
}

function isAlways(set: IntervalSet): boolean {
  return set[0] === Number.NEGATIVE_INFINITY && set[1] === Number.POSITIVE_INFINITY;
}
