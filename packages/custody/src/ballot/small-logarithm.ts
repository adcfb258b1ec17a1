import { RistrettoElement, RistrettoScalar } from "@menshen/crypto";

/** Square decimetres of a motion's roll, at most: 10,000 dwellings of 1,000 square metres. The search takes 2 · √bound steps. */
export const MAX_SUM = 1_000_000_000;

/**
 * The integer from 0 to `bound` whose multiple of g an element is: baby steps, giant steps (Shanks 1971).
 *
 * @returns `undefined` when there is none, and for a bound above {@link MAX_SUM}
 */
export function smallLogarithm(element: RistrettoElement, bound: number): number | undefined {
  if (!Number.isSafeInteger(bound) || bound < 0 || bound > MAX_SUM) return undefined;
  const width = Math.ceil(Math.sqrt(bound + 1));
  const babies = new Map<string, number>();
  let baby = RistrettoElement.identity;
  for (let step = 0; step < width; step += 1) {
    babies.set(nameOf(baby), step);
    baby = baby.plus(RistrettoElement.base);
  }
  const giant = RistrettoElement.base.timesPublic(RistrettoScalar.of(width));
  let rest = element;
  for (let step = 0; step <= width; step += 1) {
    const found = babies.get(nameOf(rest));
    if (found !== undefined) {
      const value = step * width + found;
      return value <= bound ? value : undefined;
    }
    rest = rest.minus(giant);
  }
  return undefined;
}

function nameOf(element: RistrettoElement): string {
  return element.toBytes().join();
}
