import { concatBytes, type RandomBytes, RistrettoElement, RistrettoScalar, sha512 } from "@menshen/crypto";
import { VOTE_CHOICES, type VoteChoice } from "@menshen/domain";
import { ascii, ByteReader, unsigned } from "../bytes.ts";
import { type EpochKey, encodeEpochKey } from "../epoch-key.ts";
import { CustodyError } from "../errors.ts";
import { isBallotKey } from "./ballot-key.ts";

const MAGIC = "MENSHEN-SECRET-BALLOT";
const VERSION = 1;
const COMPOSITE_DOMAIN = "MENSHEN-BALLOT-V1/COMPOSITE";
const CHOICE_DOMAIN = "MENSHEN-BALLOT-V1/CHOICE";

/** Length of an encoded ballot: every ballot has it. */
export const SECRET_BALLOT_BYTES = MAGIC.length + 1 + 32 * (4 + VOTE_CHOICES.length * 4);

/** The one place a ballot counts in. All of it is hashed into the ballot's proof. */
export interface BallotPlace {
  readonly communityId: string;
  readonly motionId: string;
  /** Of the agenda as it was published, which names the key; hexadecimal. */
  readonly agendaSha256: string;
  /** The head's number in the motion's roll. */
  readonly number: number;
}

/**
 * Exponential ElGamal (Cramer, Gennaro, Schoenmakers, Eurocrypt 1997; ElectionGuard 2.0 §3.2.2): a = r·g, b = r·h + v·g. Sums of
 * such pairs are pairs of the sum.
 */
export interface BallotCiphertext {
  readonly a: RistrettoElement;
  readonly b: RistrettoElement;
}

/** One branch of the proof: commitments to g and h, its part of the challenge, its response. */
export interface BallotBranch {
  readonly onBase: RistrettoElement;
  readonly onKey: RistrettoElement;
  readonly challenge: RistrettoScalar;
  readonly response: RistrettoScalar;
}

/** What a voter hands in: 1 or 0 "in favour", 1 or 0 "against", both 0 for who abstains, and the proof that it is so. */
export interface SecretBallot {
  readonly inFavour: BallotCiphertext;
  readonly against: BallotCiphertext;
  /** In the order of `VOTE_CHOICES`. */
  readonly branches: readonly BallotBranch[];
}

/** What each choice encrypts: in favour, against. */
const ENCODED: Readonly<Record<VoteChoice, readonly [number, number]>> = {
  for: [1, 0],
  against: [0, 1],
  abstain: [0, 0],
};

/**
 * Seals a choice to the custodians' key for this motion.
 *
 * The proof is the disjunction of Cramer, Damgård and Schoenmakers (Crypto 1994), as Helios and ElectionGuard 2.0 (§3.3) use it,
 * of three proofs of Chaum and Pedersen; both pairs of a branch are proved at once by a composite whose weight is hashed from
 * them (as RFC 9497 §2.2.1 does). The challenge hashes place, key, pairs and commitments (the strong transform of Bernhard, Pereira
 * and Warinschi, Asiacrypt 2012): a copy in another place, and a copy with other randomness, verify for nobody.
 *
 * @param random the operating system's generator. Whoever knows what it gave can show the choice: it is kept nowhere.
 * @throws {CustodyError} `invalid-argument` for a key that was not made for ballots
 */
export function sealBallot(input: {
  readonly key: EpochKey;
  readonly place: BallotPlace;
  readonly choice: VoteChoice;
  readonly random: RandomBytes;
}): SecretBallot {
  const { key, place, choice, random } = input;
  if (!isBallotKey(key)) throw new CustodyError("invalid-argument", "expected a key made for ballots");
  const [forSecret, againstSecret] = [RistrettoScalar.random(random), RistrettoScalar.random(random)];
  const [forValue, againstValue] = ENCODED[choice];
  const inFavour = encrypt(key, forSecret, forValue);
  const against = encrypt(key, againstSecret, againstValue);
  const statement = statementOf(key, place, { inFavour, against });
  // Who wants to cheat has to choose both pairs before their weight is known.
  const weight = hashToScalar(COMPOSITE_DOMAIN, statement);
  const composite = compositeOf(weight, { inFavour, against });
  const secret = forSecret.plus(weight.times(againstSecret));
  const nonce = RistrettoScalar.random(random);
  const drafts = VOTE_CHOICES.map((one, position) => {
    if (one === choice) {
      return {
        onBase: RistrettoElement.base.times(nonce),
        onKey: key.publicKey.times(nonce),
        challenge: undefined,
      };
    }
    const [challenge, response] = [RistrettoScalar.random(random), RistrettoScalar.random(random)];
    const image = composite.images[position] ?? composite.b;
    return {
      onBase: RistrettoElement.base.times(response).minus(composite.a.times(challenge)),
      onKey: key.publicKey.times(response).minus(image.times(challenge)),
      challenge,
      response,
    };
  });
  const whole = challengeOf(statement, drafts);
  const rest = drafts.reduce(
    (left, { challenge }) => (challenge === undefined ? left : left.minus(challenge)),
    whole,
  );
  const branches = drafts.map(({ onBase, onKey, ...draft }): BallotBranch => {
    return draft.challenge === undefined
      ? { onBase, onKey, challenge: rest, response: nonce.plus(rest.times(secret)) }
      : { onBase, onKey, challenge: draft.challenge, response: draft.response };
  });
  return { inFavour, against, branches };
}

/** Whether the ballot says exactly one of the choices, in this place, by somebody who knows its randomness. */
export function verifyBallot(key: EpochKey, place: BallotPlace, ballot: SecretBallot): boolean {
  const weight = checkHashes(key, place, ballot);
  if (weight === undefined) return false;
  const { a, images } = compositeOf(weight, ballot);
  return ballot.branches.every(({ onBase, onKey, challenge, response }, position) => {
    const image = images[position];
    return (
      image !== undefined &&
      RistrettoElement.base.timesPublic(response).equals(onBase.plus(a.timesPublic(challenge))) &&
      key.publicKey.timesPublic(response).equals(onKey.plus(image.timesPublic(challenge)))
    );
  });
}

/**
 * The half of {@link verifyBallot} that only hashes; what is left are the equations of the branches.
 *
 * @returns the weight of the second pair, `undefined` where challenges do not add up to what is hashed
 */
export function checkHashes(
  key: EpochKey,
  place: BallotPlace,
  ballot: SecretBallot,
): RistrettoScalar | undefined {
  if (!isBallotKey(key) || ballot.branches.length !== VOTE_CHOICES.length) return undefined;
  const statement = statementOf(key, place, ballot);
  const left = ballot.branches.reduce(
    (rest, { challenge }) => rest.minus(challenge),
    challengeOf(statement, ballot.branches),
  );
  return left.isZero ? hashToScalar(COMPOSITE_DOMAIN, statement) : undefined;
}

/** The one encoding: header, a and b of both pairs, then for each branch commitments, challenge, response (32 each). */
export function encodeBallot({ inFavour, against, branches }: SecretBallot): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    ...[inFavour.a, inFavour.b, against.a, against.b].map((element) => element.toBytes()),
    ...branches.flatMap(({ onBase, onKey, challenge, response }) => [
      onBase.toBytes(),
      onKey.toBytes(),
      challenge.toBytes(),
      response.toBytes(),
    ]),
  );
}

/**
 * Reads what {@link encodeBallot} wrote. It does not yet say that the ballot is valid.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseBallot(bytes: Uint8Array): SecretBallot {
  const reader = new ByteReader(bytes, SECRET_BALLOT_BYTES);
  reader.header(MAGIC, VERSION);
  const inFavour = { a: reader.element(), b: reader.element() };
  const against = { a: reader.element(), b: reader.element() };
  const branches = VOTE_CHOICES.map(() => ({
    onBase: reader.element(),
    onKey: reader.element(),
    challenge: reader.scalar(),
    response: reader.scalar(),
  }));
  reader.end();
  return { inFavour, against, branches };
}

/** Place and key as hashed: a length before each text, so that no two places are one text. */
export function encodePlace(key: EpochKey, place: Omit<BallotPlace, "number">): Uint8Array {
  const texts = [place.communityId, place.motionId, place.agendaSha256].map(ascii);
  const encodedKey = encodeEpochKey(key);
  return concatBytes(
    ...texts.flatMap((text) => [unsigned(text.length, 2), text]),
    unsigned(encodedKey.length, 2),
    encodedKey,
  );
}

function encrypt(key: EpochKey, secret: RistrettoScalar, value: number): BallotCiphertext {
  const mask = key.publicKey.times(secret);
  return {
    a: RistrettoElement.base.times(secret),
    // Both ways the same work, so that the time does not tell the choice.
    b: mask.plus(value === 1 ? RistrettoElement.base : RistrettoElement.identity),
  };
}

type Pairs = Pick<SecretBallot, "inFavour" | "against">;

function statementOf(key: EpochKey, place: BallotPlace, { inFavour, against }: Pairs): Uint8Array {
  return concatBytes(
    encodePlace(key, place),
    unsigned(place.number, 4),
    ...[inFavour.a, inFavour.b, against.a, against.b].map((element) => element.toBytes()),
  );
}

/** Both pairs in one, and for each choice what its `b` must be r·h of. */
function compositeOf(weight: RistrettoScalar, { inFavour, against }: Pairs) {
  const a = inFavour.a.plus(against.a.timesPublic(weight));
  const b = inFavour.b.plus(against.b.timesPublic(weight));
  const images = [b.minus(RistrettoElement.base), b.minus(RistrettoElement.base.timesPublic(weight)), b];
  return { a, b, images };
}

function challengeOf(
  statement: Uint8Array,
  commitments: readonly Pick<BallotBranch, "onBase" | "onKey">[],
): RistrettoScalar {
  return hashToScalar(
    CHOICE_DOMAIN,
    statement,
    ...commitments.flatMap(({ onBase, onKey }) => [onBase.toBytes(), onKey.toBytes()]),
  );
}

function hashToScalar(domain: string, ...parts: readonly Uint8Array[]): RistrettoScalar {
  const tag = ascii(domain);
  return RistrettoScalar.fromWideBytes(sha512(concatBytes(unsigned(tag.length, 1), tag, ...parts)));
}
