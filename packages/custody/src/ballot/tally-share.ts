import {
  concatBytes,
  equalBytes,
  type RandomBytes,
  RistrettoElement,
  RistrettoScalar,
} from "@menshen/crypto";
import { ascii, ByteReader, unsigned } from "../bytes.ts";
import type { EpochKey } from "../epoch-key.ts";
import { type EqualLogsProof, proveEqualLogs, verifyEqualLogs } from "../equal-logs.ts";
import type { KeyShare } from "../opening.ts";
import { isBallotKey } from "./ballot-key.ts";
import { pairsOf, readSum, type SealedTally } from "./tally.ts";

const MAGIC = "MENSHEN-TALLY-SHARE";
const VERSION = 1;
const SHARE_DOMAIN = "MENSHEN-BALLOT-V1/SHARE";
const DIGEST_BYTES = 64;
const SUMS = 4;
const MAX_BYTES = 512;

/** One custodian's part of opening the sums of a motion; of no single ballot. */
export interface TallyShare {
  /** From 1. */
  readonly index: number;
  readonly digest: Uint8Array;
  /** xᵢ·a of each sum. */
  readonly values: readonly RistrettoElement[];
  readonly proof: EqualLogsProof;
}

/** Why a share is not counted. */
export type TallyShareFault = "unknown-custodian" | "other-tally" | "invalid-proof" | "twice";

/**
 * A custodian's share, with one proof that it used the share of the key that the ceremony made for it (Chaum and Pedersen, Crypto
 * 1992; ElectionGuard 2.0 §3.6.2), for all sums together.
 *
 * @param tally added up by the custodian's own program from ballots that it verified itself
 * @returns `undefined` when the share does not belong to this key, or the key is none for ballots
 */
export function makeTallyShare(input: {
  readonly key: EpochKey;
  readonly share: KeyShare;
  readonly tally: SealedTally;
  readonly random: RandomBytes;
}): TallyShare | undefined {
  const { key, share, tally, random } = input;
  const verificationKey = key.verificationKeys[share.index - 1];
  const isOwn =
    isBallotKey(key) &&
    share.epoch === key.epoch &&
    verificationKey !== undefined &&
    RistrettoElement.base.times(share.secret).equals(verificationKey);
  if (!isOwn) return undefined;
  const values = pairsOf(tally).map(({ a }) => a.times(share.secret));
  const proof = proveEqualLogs({
    domain: SHARE_DOMAIN,
    statement: statementOf(key, share.index, tally.digest),
    powers: powersOf(tally, values, verificationKey),
    secret: share.secret,
    nonce: RistrettoScalar.random(random),
  });
  return { index: share.index, digest: tally.digest, values, proof };
}

/** @returns `undefined` for a custodian's good share of these sums, otherwise what is wrong with it */
export function faultOfTallyShare(
  key: EpochKey,
  tally: SealedTally,
  share: TallyShare,
): Exclude<TallyShareFault, "twice"> | undefined {
  const verificationKey = key.verificationKeys[share.index - 1];
  if (verificationKey === undefined || !isBallotKey(key)) return "unknown-custodian";
  if (!equalBytes(share.digest, tally.digest)) return "other-tally";
  const verified =
    share.values.length === SUMS &&
    verifyEqualLogs({
      domain: SHARE_DOMAIN,
      statement: statementOf(key, share.index, tally.digest),
      powers: powersOf(tally, share.values, verificationKey),
      proof: share.proof,
    });
  return verified ? undefined : "invalid-proof";
}

/** The one encoding: header, index (1), digest (64), four values, challenge, response (32 each). */
export function encodeTallyShare(share: TallyShare): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    unsigned(share.index, 1),
    share.digest,
    ...share.values.map((value) => value.toBytes()),
    share.proof.challenge.toBytes(),
    share.proof.response.toBytes(),
  );
}

/**
 * Reads what {@link encodeTallyShare} wrote.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseTallyShare(bytes: Uint8Array): TallyShare {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const share = {
    index: reader.unsigned(1),
    digest: reader.take(DIGEST_BYTES),
    values: Array.from({ length: SUMS }, () => readSum(reader)),
    proof: { challenge: reader.scalar(), response: reader.scalar() },
  };
  reader.end();
  return share;
}

function statementOf(key: EpochKey, index: number, digest: Uint8Array): Uint8Array {
  return concatBytes(key.id, unsigned(index, 1), digest);
}

function powersOf(
  tally: SealedTally,
  values: readonly RistrettoElement[],
  verificationKey: RistrettoElement,
) {
  const images = pairsOf(tally).flatMap(({ a }, position) => {
    const image = values[position];
    return image === undefined ? [] : [{ base: a, image }];
  });
  return [...images, { base: RistrettoElement.base, image: verificationKey }];
}
