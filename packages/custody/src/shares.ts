import { type RistrettoElement, RistrettoScalar } from "@menshen/crypto";
import { CustodyError } from "./errors.ts";

/** Most custodians a ceremony may have; a bound for parsers, far above use. */
export const MAX_CUSTODIANS = 32;

/** Any `k` of `n` custodians open; fewer learn nothing. */
export interface Threshold {
  readonly k: number;
  readonly n: number;
}

/** Owners' committee, property company, city supervisor: any two. */
export const DEFAULT_THRESHOLD: Threshold = { k: 2, n: 3 };

/** Whether 2 ≤ k ≤ n ≤ 32. One custodian alone never opens anything, so k = 1 is no threshold here. */
export function isThreshold({ k, n }: Threshold): boolean {
  return Number.isInteger(k) && Number.isInteger(n) && k >= 2 && k <= n && n <= MAX_CUSTODIANS;
}

/** f(x) for the polynomial with these coefficients, the constant one first. */
export function evaluate(coefficients: readonly RistrettoScalar[], x: number): RistrettoScalar {
  const at = RistrettoScalar.of(x);
  return coefficients.reduceRight(
    (sum, coefficient) => sum.times(at).plus(coefficient),
    RistrettoScalar.of(0),
  );
}

/**
 * f(x)·B from commitments to the coefficients (Feldman): what the share of custodian `x` must be the
 * logarithm of.
 */
export function evaluateCommitment(commitment: readonly RistrettoElement[], x: number): RistrettoElement {
  const at = RistrettoScalar.of(x);
  const [last, ...rest] = commitment.toReversed();
  if (last === undefined) throw new CustodyError("invalid-argument", "expected a commitment, got none");
  return rest.reduce((sum, element) => sum.timesPublic(at).plus(element), last);
}

/**
 * The factor of custodian `index` when `indices` interpolate at 0 (Lagrange).
 *
 * @throws {CustodyError} `invalid-argument` unless the indices are distinct, from 1, and hold `index`
 */
export function lagrangeAtZero(index: number, indices: readonly number[]): RistrettoScalar {
  const distinct = new Set(indices);
  if (distinct.size !== indices.length || !distinct.has(index) || distinct.has(0)) {
    throw new CustodyError("invalid-argument", "expected distinct indices from 1");
  }
  let numerator = RistrettoScalar.of(1);
  let denominator = RistrettoScalar.of(1);
  const own = RistrettoScalar.of(index);
  for (const other of indices) {
    if (other === index) continue;
    const at = RistrettoScalar.of(other);
    numerator = numerator.times(at);
    denominator = denominator.times(at.minus(own));
  }
  return numerator.times(denominator.inverse());
}

/** Σ of at least one element. */
export function sumOf(elements: readonly RistrettoElement[]): RistrettoElement {
  const [first, ...rest] = elements;
  if (first === undefined) throw new CustodyError("invalid-argument", "expected elements to add, got none");
  return rest.reduce((sum, element) => sum.plus(element), first);
}
