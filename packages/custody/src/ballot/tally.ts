import { concatBytes, RISTRETTO_BYTES, RistrettoElement, RistrettoScalar, sha512 } from "@menshen/crypto";
import { ascii, ByteReader, malformed, unsigned } from "../bytes.ts";
import type { EpochKey } from "../epoch-key.ts";
import {
  type BallotCiphertext,
  type BallotPlace,
  encodeBallot,
  encodePlace,
  type SecretBallot,
} from "./secret-ballot.ts";

const MAGIC = "MENSHEN-SEALED-TALLY";
const VERSION = 1;
const DIGEST_BYTES = 64;
const MAX_BYTES = 512;
const TALLY_DOMAIN = "MENSHEN-BALLOT-V1/TALLY";

/** A ballot as it is added up. */
export interface WeighedBallot {
  readonly number: number;
  readonly areaDm2: number;
  readonly ballot: SecretBallot;
}

/** What stands for each measure: sums still sealed. */
export interface SealedSums {
  readonly inFavour: BallotCiphertext;
  readonly against: BallotCiphertext;
}

/** The sums of all ballots of a motion, by heads and by area, and what names these very ballots. */
export interface SealedTally {
  readonly heads: SealedSums;
  readonly areaDm2: SealedSums;
  /** 64 bytes: place, key, each ballot with its number and area, and the sums. What custodians answer for. */
  readonly digest: Uint8Array;
}

/**
 * Adds ballots up without opening any: once each by heads, and as often as its head has square decimetres by area. Whoever takes
 * part counts as such by the roll alone; who abstained adds nothing.
 *
 * @param ballots ascending by number, each of them verified
 */
export function sumBallots(
  key: EpochKey,
  place: Omit<BallotPlace, "number">,
  ballots: readonly WeighedBallot[],
): SealedTally {
  const named = ballots.map(({ number, areaDm2, ballot }) => ({
    number,
    areaDm2,
    digest: sha512(encodeBallot(ballot)),
  }));
  return fixTally(key, place, named, sumsOf(ballots));
}

/** Sums with the digest that names these very ballots. @param ballots ascending by number, `digest` their SHA-512 */
export function fixTally(
  key: EpochKey,
  place: Omit<BallotPlace, "number">,
  ballots: readonly { readonly number: number; readonly areaDm2: number; readonly digest: Uint8Array }[],
  tally: BothSums,
): SealedTally {
  const digest = sha512(
    concatBytes(
      ascii(TALLY_DOMAIN),
      encodePlace(key, place),
      unsigned(ballots.length, 4),
      ...ballots.flatMap((one) => [unsigned(one.number, 4), unsigned(one.areaDm2, 6), one.digest]),
      encodeSums(tally),
    ),
  );
  return { ...tally, digest };
}

/** Sums by both measures. */
export type BothSums = Pick<SealedTally, "heads" | "areaDm2">;

export function sumsOf(ballots: readonly WeighedBallot[]): BothSums {
  return { heads: sums(ballots, () => 1), areaDm2: sums(ballots, ({ areaDm2 }) => areaDm2) };
}

/** Sums of sums. */
export function addSums(parts: readonly BothSums[]): BothSums {
  const add = (pick: (part: BothSums) => RistrettoElement) =>
    parts.reduce((sum, part) => sum.plus(pick(part)), RistrettoElement.identity);
  const both = (pick: (part: BothSums) => SealedSums): SealedSums => ({
    inFavour: { a: add((part) => pick(part).inFavour.a), b: add((part) => pick(part).inFavour.b) },
    against: { a: add((part) => pick(part).against.a), b: add((part) => pick(part).against.b) },
  });
  return { heads: both(({ heads }) => heads), areaDm2: both(({ areaDm2 }) => areaDm2) };
}

/** a and b of the four sums, 32 bytes each, zeros for the neutral element. */
export function encodeSums(tally: BothSums): Uint8Array<ArrayBuffer> {
  return concatBytes(...pairsOf(tally).flatMap(({ a, b }) => [a.toBytes(), b.toBytes()]));
}

/** Reads what {@link encodeSums} wrote. @throws {CustodyError} `malformed` */
export function decodeSums(bytes: Uint8Array): BothSums {
  const reader = new ByteReader(bytes, MAX_BYTES);
  const sums = readSums(reader);
  reader.end();
  return sums;
}

function readSums(reader: ByteReader): BothSums {
  const pair = () => ({ a: readSum(reader), b: readSum(reader) });
  const heads = { inFavour: pair(), against: pair() };
  return { heads, areaDm2: { inFavour: pair(), against: pair() } };
}

/** The four sums in the order in which everything lists them. */
export function pairsOf(tally: Pick<SealedTally, "heads" | "areaDm2">): readonly BallotCiphertext[] {
  const { heads, areaDm2 } = tally;
  return [heads.inFavour, heads.against, areaDm2.inFavour, areaDm2.against];
}

/** The one encoding: header, a and b of the four sums (32 each, zeros for the neutral element), digest (64). */
export function encodeTally(tally: SealedTally): Uint8Array<ArrayBuffer> {
  return concatBytes(ascii(MAGIC), unsigned(VERSION, 1), encodeSums(tally), tally.digest);
}

/**
 * Reads what {@link encodeTally} wrote. Whose ballots these are, only whoever adds them up knows.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseTally(bytes: Uint8Array): SealedTally {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const sums = readSums(reader);
  const digest = reader.take(DIGEST_BYTES);
  reader.end();
  return { ...sums, digest };
}

/** An element, or the neutral one: voters who know each other's randomness can make a sum so, which must not stop a count. */
export function readSum(reader: ByteReader): RistrettoElement {
  const bytes = reader.take(RISTRETTO_BYTES);
  if (bytes.every((byte) => byte === 0)) return RistrettoElement.identity;
  const element = RistrettoElement.parse(bytes);
  if (element === undefined) throw malformed("bytes that encode no group element");
  return element;
}

function sums(ballots: readonly WeighedBallot[], weigh: (ballot: WeighedBallot) => number): SealedSums {
  const sum = (pick: (ballot: SecretBallot) => RistrettoElement) =>
    RistrettoElement.sumOfProducts(
      ballots.map((one) => ({ element: pick(one.ballot), scalar: RistrettoScalar.of(weigh(one)) })),
    );
  return {
    inFavour: { a: sum(({ inFavour }) => inFavour.a), b: sum(({ inFavour }) => inFavour.b) },
    against: { a: sum(({ against }) => against.a), b: sum(({ against }) => against.b) },
  };
}
