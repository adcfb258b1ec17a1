import { concatBytes, type RistrettoElement, type RistrettoScalar, sha512 } from "@menshen/crypto";
import { ascii, type ByteReader, malformed, unsigned } from "./bytes.ts";
import { type PublicOffer, sessionContext, sessionTranscript } from "./cocktail.ts";
import { type EpochKey, MAX_EPOCH, makeEpochKey } from "./epoch-key.ts";
import { CustodyError } from "./errors.ts";
import { evaluateCommitment, isThreshold, sumOf, type Threshold } from "./shares.ts";

/** Length of a ceremony's identifier, drawn at random for each ceremony. */
export const CEREMONY_ID_BYTES = 32;

/** Epochs that one ceremony makes keys for unless told otherwise: a year of four weeks each. */
export const DEFAULT_EPOCH_COUNT = 13;

/** Most epochs of one ceremony; a bound for parsers. */
export const MAX_EPOCH_COUNT = 64;

const SESSION_TAG = ascii("MENSHEN-CUSTODY-V1/SESSION");
const EXTENSION_TAG = ascii("MENSHEN-CUSTODY-V1/CONTRIBUTIONS");

/** What all custodians agree on before the ceremony begins. Any difference makes every message unreadable. */
export interface CeremonySetup {
  /** 32 random bytes, never used before. */
  readonly id: Uint8Array;
  readonly threshold: Threshold;
  readonly firstEpoch: number;
  readonly epochCount: number;
  /**
   * Key of each custodian in order; custodian i's stands at i − 1. Made for this ceremony only, and vouched for
   * by the custodian outside of it.
   */
  readonly custodians: readonly RistrettoElement[];
}

/**
 * Checks a setup.
 *
 * @throws {CustodyError} `invalid-argument` for a length, threshold or epoch out of range, or two equal keys
 */
export function checkSetup(setup: CeremonySetup): void {
  const { id, threshold, firstEpoch, epochCount, custodians } = setup;
  const distinct = new Set(custodians.map((key) => key.toBytes().join()));
  const lastEpoch = firstEpoch + epochCount - 1;
  if (
    id.length !== CEREMONY_ID_BYTES ||
    !isThreshold(threshold) ||
    distinct.size !== threshold.n ||
    custodians.length !== threshold.n ||
    custodians.some((key) => key.isIdentity) ||
    ![firstEpoch, epochCount].every(Number.isInteger) ||
    firstEpoch < 0 ||
    epochCount < 1 ||
    epochCount > MAX_EPOCH_COUNT ||
    lastEpoch > MAX_EPOCH
  ) {
    throw new CustodyError("invalid-argument", "expected a setup within its limits, with distinct keys");
  }
}

/** The one encoding: id (32), k (1), n (1), first epoch (4), count (1), the custodians' keys. */
export function encodeSetup(setup: CeremonySetup): Uint8Array<ArrayBuffer> {
  return concatBytes(
    setup.id,
    unsigned(setup.threshold.k, 1),
    unsigned(setup.threshold.n, 1),
    unsigned(setup.firstEpoch, 4),
    unsigned(setup.epochCount, 1),
    ...setup.custodians.map((key) => key.toBytes()),
  );
}

/** Reads what {@link encodeSetup} wrote, checked. */
export function readSetup(reader: ByteReader): CeremonySetup {
  const id = reader.take(CEREMONY_ID_BYTES);
  const threshold = { k: reader.unsigned(1), n: reader.unsigned(1) };
  const [firstEpoch, epochCount] = [reader.unsigned(4), reader.unsigned(1)];
  if (!isThreshold(threshold)) throw malformed("a threshold out of range");
  const setup = { id, threshold, firstEpoch, epochCount, custodians: reader.elements(threshold.n) };
  try {
    checkSetup(setup);
  } catch (cause) {
    throw new CustodyError("malformed", "expected a well-formed setup", { cause });
  }
  return setup;
}

/** The epochs of a ceremony in order. */
export function epochsOf(setup: CeremonySetup): readonly number[] {
  return Array.from({ length: setup.epochCount }, (_, position) => setup.firstEpoch + position);
}

/** The context of each epoch's key generation; each is one session of C2SP cocktail-dkg. */
export function contextsOf(setup: CeremonySetup): readonly Uint8Array[] {
  const encoded = encodeSetup(setup);
  return epochsOf(setup).map((epoch) =>
    sessionContext(concatBytes(SESSION_TAG, encoded, unsigned(epoch, 4)), setup.custodians),
  );
}

/** The transcripts' extension: binds every epoch to all that every custodian sent, sealed shares included. */
export function extensionOf(contributionDigests: readonly Uint8Array[]): Uint8Array {
  return sha512(concatBytes(EXTENSION_TAG, ...contributionDigests));
}

/**
 * The transcript of each epoch.
 *
 * @param offers for each custodian, its offer for each epoch
 */
export function transcriptsOf(
  setup: CeremonySetup,
  offers: readonly (readonly PublicOffer[])[],
  extension: Uint8Array,
): readonly Uint8Array[] {
  return contextsOf(setup).map((context, position) =>
    sessionTranscript({
      context,
      threshold: setup.threshold,
      publicKeys: setup.custodians,
      offers: offersAt(offers, position),
      extension,
    }),
  );
}

/**
 * The public key of each epoch: round 2, step 4 of C2SP cocktail-dkg, for every custodian.
 *
 * @param offers for each custodian, its offer for each epoch
 * @returns `undefined` when a key is the identity, which chance never brings: all custodians played together
 */
export function epochKeysOf(
  setup: CeremonySetup,
  offers: readonly (readonly PublicOffer[])[],
): readonly EpochKey[] | undefined {
  const { threshold } = setup;
  const parts = epochsOf(setup).map((epoch, position) => {
    const commitments = offersAt(offers, position).map((offer) => offer.commitment);
    const summed = Array.from({ length: threshold.k }, (_, degree) =>
      sumOf(commitments.flatMap((commitment) => commitment.slice(degree, degree + 1))),
    );
    return {
      epoch,
      threshold,
      publicKey: evaluateCommitment(summed, 0),
      verificationKeys: setup.custodians.map((_, custodian) => evaluateCommitment(summed, custodian + 1)),
    };
  });
  const usable = parts.every(({ publicKey, verificationKeys }) =>
    [publicKey, ...verificationKeys].every((element) => !element.isIdentity),
  );
  return usable ? parts.map(makeEpochKey) : undefined;
}

/** Sum of the shares a custodian got from all. */
export function sumOfShares(shares: readonly RistrettoScalar[]): RistrettoScalar {
  const [first, ...rest] = shares;
  if (first === undefined) throw new CustodyError("invalid-argument", "expected shares, got none");
  return rest.reduce((sum, share) => sum.plus(share), first);
}

function offersAt(offers: readonly (readonly PublicOffer[])[], position: number): readonly PublicOffer[] {
  return offers.flatMap((ofOne) => ofOne.slice(position, position + 1));
}
