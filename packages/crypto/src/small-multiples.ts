import { normalizeZ } from "@noble/curves/abstract/curve.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { CryptoError } from "./crypto-error.ts";
import type { RistrettoElement } from "./ristretto255.ts";

const { Point } = ed25519;
type EdwardsPoint = InstanceType<typeof Point>;

/** Baby steps are kept in memory, two names of some 100 bytes for each square root of this. */
const MAX_BOUND = 2 ** 40;
/** Points that share one inversion; of larger blocks the last one is computed for nothing. */
const BLOCK = 256;
/** 4·B: what {@link RistrettoElement.quadruple} makes of the generator. */
const UNIT = Point.BASE.double().double();

/**
 * The integers from 0 to `bound` whose multiples of the generator elements are: baby steps, giant steps (Shanks 1971), with one
 * table for all of them. Points are compared by affine coordinates that one inversion gives for many (Montgomery 1987), on the
 * curve below: their encodings would take a square root each.
 *
 * @returns for each element its integer, `undefined` when there is none
 * @throws {CryptoError} `bad-encoding` unless the bound is a non-negative integer of at most 40 bits
 */
export function smallMultiples(
  elements: readonly RistrettoElement[],
  bound: number,
): readonly (number | undefined)[] {
  if (!Number.isSafeInteger(bound) || bound < 0 || bound > MAX_BOUND) {
    throw new CryptoError("bad-encoding", `expected a bound of at most 40 bits, got ${bound}`);
  }
  // The table serves all, so it is the larger the more there are.
  const width = Math.ceil(Math.sqrt((bound + 1) * Math.max(1, elements.length / 2)));
  const babies = new Map<bigint, number>();
  for (const { name, step } of walk(Point.ZERO, UNIT, width)) babies.set(name, step);
  const giant = UNIT.multiplyUnsafe(BigInt(width)).negate();
  const steps = Math.floor(bound / width) + 1;
  return elements.map((element) => {
    for (const { name, step } of walk(element.quadruple(), giant, steps)) {
      const found = babies.get(name);
      if (found === undefined) continue;
      const value = step * width + found;
      return value <= bound ? value : undefined;
    }
    return undefined;
  });
}

/** The names of `from`, `from + by`, `from + 2·by`…, `count` of them. */
function* walk(
  from: EdwardsPoint,
  by: EdwardsPoint,
  count: number,
): Generator<{ readonly name: bigint; readonly step: number }> {
  let next = from;
  for (let begin = 0; begin < count; begin += BLOCK) {
    const block: EdwardsPoint[] = [];
    for (let step = begin; step < Math.min(begin + BLOCK, count); step += 1) {
      block.push(next);
      next = next.add(by);
    }
    for (const [index, point] of normalizeZ(Point, block).entries()) {
      // Of the two points of one y, one has an even x.
      yield { name: (point.Y << 1n) | (point.X & 1n), step: begin + index };
    }
  }
}
