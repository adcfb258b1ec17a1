import { type RistrettoElement, smallMultiples } from "@menshen/crypto";

/** Square decimetres of a motion's roll, at most: 10,000 dwellings of 1,000 square metres. The search takes 2 · √bound steps. */
export const MAX_SUM = 1_000_000_000;

/**
 * The integers from 0 to `bound` whose multiples of g elements are.
 *
 * @returns for each element `undefined` when there is none, and for a bound above {@link MAX_SUM}
 */
export function smallLogarithms(
  elements: readonly RistrettoElement[],
  bound: number,
): readonly (number | undefined)[] {
  if (!Number.isSafeInteger(bound) || bound < 0 || bound > MAX_SUM) return elements.map(() => undefined);
  return smallMultiples(elements, bound);
}
