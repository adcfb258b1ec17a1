import {
  concatBytes,
  equalBytes,
  type RandomBytes,
  RistrettoElement,
  RistrettoScalar,
  wipe,
  xchachaOpen,
} from "@menshen/crypto";
import { ascii, ByteReader, unsigned } from "./bytes.ts";
import type { EpochKey } from "./epoch-key.ts";
import { type EqualLogsProof, proveEqualLogs, verifyEqualLogs } from "./equal-logs.ts";
import { type EntryLabel, encodeLabel } from "./label.ts";
import {
  isSameLabel,
  maskOf,
  type SealedEntry,
  sealedEntryDigest,
  verifySealedEntry,
} from "./sealed-entry.ts";
import { lagrangeAtZero, sumOf } from "./shares.ts";

const MAGIC = "MENSHEN-PARTIAL";
const VERSION = 1;
const PARTIAL_DOMAIN = "MENSHEN-CUSTODY-V1/H4";
const DIGEST_BYTES = 64;
const MAX_BYTES = 256;

/** One custodian's share of an epoch's secret. It never leaves the custodian. */
export interface KeyShare {
  readonly epoch: number;
  /** From 1. */
  readonly index: number;
  readonly secret: RistrettoScalar;
}

/** A custodian's answer for one sealed entry: (i, uᵢ, eᵢ, fᵢ) of TDH2, and the entry it answers. */
export interface PartialDecryption {
  readonly index: number;
  /** SHA-512 of the encoded entry. */
  readonly entryDigest: Uint8Array;
  /** uᵢ = u^xᵢ. */
  readonly value: RistrettoElement;
  readonly proof: EqualLogsProof;
}

/**
 * Why a custodian's program gives no answer:
 *
 * - `wrong-label`: the entry is not the one that was asked for;
 * - `wrong-epoch`: entry, key and share are not of one epoch;
 * - `invalid-entry`: the entry's own proof does not verify (re-labelled, re-randomised or changed);
 * - `wrong-share`: the share does not belong to this key.
 */
export type PartialRefusal = "wrong-label" | "wrong-epoch" | "invalid-entry" | "wrong-share";

/** Why an answer is not counted. */
export type PartialFault = "unknown-custodian" | "other-entry" | "invalid-proof" | "twice";

/** What {@link combinePartials} came to. */
export type Opening =
  | { readonly opened: true; readonly plaintext: Uint8Array; readonly rejected: readonly RejectedPartial[] }
  | {
      readonly opened: false;
      /** `undecipherable`: k good answers, but whoever sealed the entry put no readable text in. */
      readonly reason: "invalid-entry" | "too-few" | "undecipherable";
      readonly rejected: readonly RejectedPartial[];
    };

/** An answer that did not count. The index is what it claims: who sent it is the transport's knowledge. */
export interface RejectedPartial {
  readonly index: number;
  readonly fault: PartialFault;
}

/**
 * One custodian's answer ("Decryption" of TDH2). The caller names the label it was lawfully asked for; another
 * entry gets no answer, whatever it says of itself.
 *
 * @param random the operating system's generator
 */
export function makePartial(input: {
  readonly key: EpochKey;
  readonly share: KeyShare;
  readonly label: EntryLabel;
  readonly entry: SealedEntry;
  readonly random: RandomBytes;
}):
  | { readonly made: true; readonly partial: PartialDecryption }
  | { readonly made: false; readonly reason: PartialRefusal } {
  const { key, share, label, entry, random } = input;
  if (!isSameLabel(entry.label, label)) return { made: false, reason: "wrong-label" };
  if (entry.epoch !== key.epoch || share.epoch !== key.epoch) return { made: false, reason: "wrong-epoch" };
  if (!verifySealedEntry(key, entry)) return { made: false, reason: "invalid-entry" };
  const verificationKey = key.verificationKeys[share.index - 1];
  if (verificationKey === undefined || !RistrettoElement.base.times(share.secret).equals(verificationKey)) {
    return { made: false, reason: "wrong-share" };
  }
  const entryDigest = sealedEntryDigest(entry);
  const value = entry.u.times(share.secret);
  const proof = proveEqualLogs({
    domain: PARTIAL_DOMAIN,
    statement: statementOf(key, share.index, entryDigest),
    powers: powersOf(entry, value, verificationKey),
    secret: share.secret,
    nonce: RistrettoScalar.random(random),
  });
  return { made: true, partial: { index: share.index, entryDigest, value, proof } };
}

/**
 * Whether the answer is that custodian's for this entry ("Share verification" of TDH2). The entry itself is
 * taken to be verified.
 *
 * @returns `undefined` for a good answer, otherwise what is wrong with it
 */
export function faultOfPartial(
  key: EpochKey,
  entry: SealedEntry,
  partial: PartialDecryption,
): Exclude<PartialFault, "twice"> | undefined {
  const verificationKey = key.verificationKeys[partial.index - 1];
  if (verificationKey === undefined) return "unknown-custodian";
  const entryDigest = sealedEntryDigest(entry);
  if (!equalBytes(entryDigest, partial.entryDigest)) return "other-entry";
  const verified = verifyEqualLogs({
    domain: PARTIAL_DOMAIN,
    statement: statementOf(key, partial.index, entryDigest),
    powers: powersOf(entry, partial.value, verificationKey),
    proof: partial.proof,
  });
  return verified ? undefined : "invalid-proof";
}

/**
 * Opens an entry with the answers of k distinct custodians ("Combining shares" of TDH2). Bad answers are named
 * and not counted; any k good ones give the same text.
 */
export function combinePartials(input: {
  readonly key: EpochKey;
  readonly entry: SealedEntry;
  readonly partials: readonly PartialDecryption[];
}): Opening {
  const { key, entry, partials } = input;
  if (!verifySealedEntry(key, entry)) return { opened: false, reason: "invalid-entry", rejected: [] };
  const good = new Map<number, PartialDecryption>();
  const rejected: RejectedPartial[] = [];
  for (const partial of partials) {
    const fault = good.has(partial.index) ? "twice" : faultOfPartial(key, entry, partial);
    if (fault === undefined) good.set(partial.index, partial);
    else rejected.push({ index: partial.index, fault });
  }
  const chosen = [...good.values()].slice(0, key.threshold.k);
  if (chosen.length < key.threshold.k) return { opened: false, reason: "too-few", rejected };
  const indices = chosen.map((partial) => partial.index);
  const shared = sumOf(chosen.map(({ index, value }) => value.timesPublic(lagrangeAtZero(index, indices))));
  const mask = maskOf(shared);
  const contentKey = entry.maskedKey.map((byte, i) => byte ^ (mask[i] ?? 0));
  const plaintext = xchachaOpen(contentKey, new Uint8Array(24), entry.payload, encodeLabel(entry.label));
  wipe(contentKey, mask);
  return plaintext === undefined
    ? { opened: false, reason: "undecipherable", rejected }
    : { opened: true, plaintext, rejected };
}

/** The one encoding: header, index (1), digest of the entry (64), uᵢ, eᵢ, fᵢ (32 each). */
export function encodePartial(partial: PartialDecryption): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    unsigned(partial.index, 1),
    partial.entryDigest,
    partial.value.toBytes(),
    partial.proof.challenge.toBytes(),
    partial.proof.response.toBytes(),
  );
}

/**
 * Reads what {@link encodePartial} wrote.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parsePartial(bytes: Uint8Array): PartialDecryption {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const partial = {
    index: reader.unsigned(1),
    entryDigest: reader.take(DIGEST_BYTES),
    value: reader.element(),
    proof: { challenge: reader.scalar(), response: reader.scalar() },
  };
  reader.end();
  return partial;
}

function statementOf(key: EpochKey, index: number, entryDigest: Uint8Array): Uint8Array {
  return concatBytes(key.id, unsigned(index, 1), entryDigest);
}

function powersOf(entry: SealedEntry, value: RistrettoElement, verificationKey: RistrettoElement) {
  return [
    { base: entry.u, image: value },
    { base: RistrettoElement.base, image: verificationKey },
  ];
}
