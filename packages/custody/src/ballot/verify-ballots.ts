import { type RandomBytes, RistrettoElement, RistrettoScalar } from "@menshen/crypto";
import { VOTE_CHOICES } from "@menshen/domain";
import type { EpochKey } from "../epoch-key.ts";
import { type BallotPlace, checkHashes, type SecretBallot, verifyBallot } from "./secret-ballot.ts";

/** Bytes of a random factor: a wrong equation goes unseen with a chance of 2^-128. */
const FACTOR_BYTES = 16;
/** Below this one by one is as fast. */
const FEW = 4;

/** A ballot in its place. */
export interface PlacedBallot {
  readonly place: BallotPlace;
  readonly ballot: SecretBallot;
}

/**
 * Verifies many ballots at once: all equations are multiplied by random factors and added up (the small exponents test of
 * Bellare, Garay and Rabin, Eurocrypt 1998). Where the sum is off, halves are looked at until the bad ones are found.
 *
 * @param random draws the factors; whoever makes ballots must not know them beforehand
 * @returns the positions of the ballots that do not verify, ascending
 */
export function findBadBallots(
  key: EpochKey,
  ballots: readonly PlacedBallot[],
  random: RandomBytes,
): readonly number[] {
  const bad: number[] = [];
  const hashed: Weighted[] = [];
  for (const [position, { place, ballot }] of ballots.entries()) {
    const weight = checkHashes(key, place, ballot);
    if (weight === undefined) bad.push(position);
    else hashed.push({ position, place, ballot, weight });
  }
  search(key, hashed, random, bad);
  return bad.toSorted((one, other) => one - other);
}

interface Weighted extends PlacedBallot {
  readonly position: number;
  readonly weight: RistrettoScalar;
}

function search(key: EpochKey, ballots: readonly Weighted[], random: RandomBytes, bad: number[]): void {
  if (ballots.length < FEW) {
    for (const { position, place, ballot } of ballots) {
      if (!verifyBallot(key, place, ballot)) bad.push(position);
    }
    return;
  }
  if (holdTogether(key, ballots, random)) return;
  const middle = Math.floor(ballots.length / 2);
  search(key, ballots.slice(0, middle), random, bad);
  search(key, ballots.slice(middle), random, bad);
}

/**
 * Σ ρ·(z·g − P − c·A) + σ·(z·h − Q − c·(B − T)) = 0 over all branches of all ballots, where A and B are the composites and T
 * what the branch's choice encodes. Each ballot adds ten terms; what multiplies g and h stands on the other side, so that the
 * factors of P and Q stay short.
 */
function holdTogether(key: EpochKey, ballots: readonly Weighted[], random: RandomBytes): boolean {
  const zero = RistrettoScalar.of(0);
  let [onBase, onKey] = [zero, zero];
  const terms = ballots.flatMap(({ ballot, weight }) => {
    const { inFavour, against, branches } = ballot;
    let [a, b] = [zero, zero];
    const commitments = branches.flatMap((branch, position) => {
      const [rho, sigma] = [factor(random), factor(random)];
      const { challenge, response } = branch;
      onBase = onBase.plus(rho.times(response));
      onKey = onKey.plus(sigma.times(response));
      const [byBase, byKey] = [rho.times(challenge), sigma.times(challenge)];
      a = a.plus(byBase);
      b = b.plus(byKey);
      const choice = VOTE_CHOICES[position];
      if (choice === "for") onBase = onBase.plus(byKey);
      if (choice === "against") onBase = onBase.plus(byKey.times(weight));
      return [
        { element: branch.onBase, scalar: rho },
        { element: branch.onKey, scalar: sigma },
      ];
    });
    return [
      ...commitments,
      { element: inFavour.a, scalar: a },
      { element: against.a, scalar: a.times(weight) },
      { element: inFavour.b, scalar: b },
      { element: against.b, scalar: b.times(weight) },
    ];
  });
  const left = RistrettoElement.base.timesPublic(onBase).plus(key.publicKey.timesPublic(onKey));
  return RistrettoElement.sumOfProducts(terms).equals(left);
}

function factor(random: RandomBytes): RistrettoScalar {
  const bytes = new Uint8Array(32);
  bytes.set(random(FACTOR_BYTES));
  const scalar = RistrettoScalar.parse(bytes);
  if (scalar === undefined) throw new Error("a number of 128 bits is below the order");
  return scalar;
}
