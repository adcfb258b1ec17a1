import { type RandomBytes, sha512 } from "@menshen/crypto";
import type { EpochKey } from "../epoch-key.ts";
import { CustodyError } from "../errors.ts";
import { type BallotPlace, parseBallot } from "./secret-ballot.ts";
import {
  addSums,
  decodeSums,
  encodeSums,
  fixTally,
  type SealedTally,
  sumsOf,
  type WeighedBallot,
} from "./tally.ts";
import { findBadBallots } from "./verify-ballots.ts";

/** A ballot as it came, with what its head weighs. */
export interface EncodedBallot {
  readonly number: number;
  readonly areaDm2: number;
  readonly encoded: Uint8Array;
}

/** What one thread found out about its part of a vote; only bytes, so that it can go from one thread to another. */
export type BallotPart =
  | { readonly good: true; readonly sums: Uint8Array; readonly digests: readonly Uint8Array[] }
  /** Positions in this part that are no valid ballot of their place, ascending. */
  | { readonly good: false; readonly bad: readonly number[] };

/** Reads, verifies and adds up some of a vote's ballots; all of it that takes time. */
export function addUpPart(
  key: EpochKey,
  place: Omit<BallotPlace, "number">,
  ballots: readonly EncodedBallot[],
  random: RandomBytes,
): BallotPart {
  const unread: number[] = [];
  const read: (WeighedBallot & { readonly position: number })[] = [];
  for (const [position, { number, areaDm2, encoded }] of ballots.entries()) {
    const ballot = readOrNothing(encoded);
    if (ballot === undefined) unread.push(position);
    else read.push({ position, number, areaDm2, ballot });
  }
  const placed = read.map(({ number, ballot }) => ({ place: { ...place, number }, ballot }));
  const forged = findBadBallots(key, placed, random).flatMap((index) => read[index]?.position ?? []);
  const bad = [...unread, ...forged].toSorted((one, other) => one - other);
  if (bad.length > 0) return { good: false, bad };
  return {
    good: true,
    sums: encodeSums(sumsOf(read)),
    digests: ballots.map(({ encoded }) => sha512(encoded)),
  };
}

/**
 * The whole vote's sums from those of its parts, as `sumBallots` makes them.
 *
 * @param ballots ascending by number, in the order of the parts one after the other
 */
export function joinParts(
  key: EpochKey,
  place: Omit<BallotPlace, "number">,
  ballots: readonly Pick<EncodedBallot, "number" | "areaDm2">[],
  parts: readonly Extract<BallotPart, { readonly good: true }>[],
): SealedTally {
  const digests = parts.flatMap((part) => part.digests);
  const named = ballots.map(({ number, areaDm2 }, position) => {
    const digest = digests[position];
    if (digest === undefined) throw new CustodyError("invalid-argument", "expected parts of these ballots");
    return { number, areaDm2, digest };
  });
  return fixTally(key, place, named, addSums(parts.map(({ sums }) => decodeSums(sums))));
}

function readOrNothing(encoded: Uint8Array) {
  try {
    return parseBallot(encoded);
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}
