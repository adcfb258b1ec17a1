import { fromHex, primitives, sha256, toHex } from "@menshen/crypto";
import { VOTE_CHOICES, type VoteChoice } from "@menshen/domain";
import type { EpochKey } from "../epoch-key.ts";
import { type BallotPlace, encodeBallot, type SecretBallot, sealBallot } from "./secret-ballot.ts";

/** Bytes of what all randomness of one ballot comes from. */
export const BALLOT_SEED_BYTES = 32;
const SEED_DOMAIN = new TextEncoder().encode("MENSHEN-BALLOT-V1/SEED");
/** More than a ballot draws, within what RFC 5869 allows. */
const STREAM_BYTES = 1_024;
/** 80 bits: nobody finds two ballots of one code on a telephone or on a thousand machines. */
const CODE_DIGITS = 20;
const FORMAT = "menshen ballot check v1";
const MAX_CHARACTERS = 1_024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What opens a ballot that is checked in place of being cast (Benaloh, EVT 2006). */
export interface BallotOpening {
  readonly motionId: string;
  readonly number: number;
  readonly choice: VoteChoice;
  /** 32 bytes. */
  readonly seed: Uint8Array;
}

/**
 * Seals a choice with all randomness drawn from a seed, in the order of docs/protocol/votes.md: whoever is given the seed makes the
 * very same ballot.
 *
 * @param input.seed 32 bytes of the operating system's generator, for one ballot only
 */
export function sealFromSeed(input: {
  readonly key: EpochKey;
  readonly place: BallotPlace;
  readonly choice: VoteChoice;
  readonly seed: Uint8Array;
}): SecretBallot {
  const { seed, ...what } = input;
  const stream = primitives.hkdfSha256(seed, new Uint8Array(), SEED_DOMAIN, STREAM_BYTES);
  let drawn = 0;
  return sealBallot({
    ...what,
    random(length) {
      drawn += length;
      // INVARIANT: a ballot draws 7 scalars of 64 bytes.
      if (drawn > STREAM_BYTES) throw new Error("a ballot draws less than its stream has");
      return stream.slice(drawn - length, drawn);
    },
  });
}

/** What a voter writes down before they cast or challenge: twenty hexadecimal digits of the ballot's SHA-256. */
export function ballotCode(encoded: Uint8Array): string {
  return toHex(sha256(encoded)).slice(0, CODE_DIGITS);
}

/** The code of the ballot that an opening makes here: the voter holds it against what they wrote down. */
export function codeOfOpening(
  key: EpochKey,
  place: Omit<BallotPlace, "number">,
  { number, choice, seed }: BallotOpening,
): string {
  return ballotCode(encodeBallot(sealFromSeed({ key, place: { ...place, number }, choice, seed })));
}

/** One line of text, for a file, a code or a link. */
export function formatOpening({ motionId, number, choice, seed }: BallotOpening): string {
  return JSON.stringify({ format: FORMAT, motionId, number, choice, seed: toHex(seed) });
}

/** Reads what {@link formatOpening} wrote; `undefined` for anything else. */
export function parseOpening(text: string): BallotOpening | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  const field = (name: string): unknown => Reflect.get(Object(said), name);
  const [motionId, number, seed] = [field("motionId"), field("number"), field("seed")];
  const choice = VOTE_CHOICES.find((one) => one === field("choice"));
  if (field("format") !== FORMAT || choice === undefined) return undefined;
  if (typeof motionId !== "string" || !UUID.test(motionId)) return undefined;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 1) return undefined;
  if (typeof seed !== "string" || !/^[0-9a-f]{64}$/.test(seed)) return undefined;
  const opening = { motionId, number, choice, seed: fromHex(seed) };
  // One spelling, no field more.
  return formatOpening(opening) === text.trim() ? opening : undefined;
}
