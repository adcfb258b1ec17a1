import { concatBytes, equalBytes, type RistrettoScalar, sha512 } from "@menshen/crypto";
import { ascii, ByteReader, malformed, unsigned } from "./bytes.ts";
import { type CeremonySetup, encodeSetup, MAX_EPOCH_COUNT } from "./ceremony-setup.ts";
import { type Offer, SEALED_SHARE_BYTES, type SharedSecrets } from "./cocktail.ts";
import type { EqualLogsProof } from "./equal-logs.ts";
import { CustodyError } from "./errors.ts";
import { SCHNORR_BYTES, schnorrSign, schnorrVerify } from "./schnorr.ts";
import { MAX_CUSTODIANS } from "./shares.ts";

const MAGIC = "MENSHEN-CEREMONY";
const VERSION = 1;
const DIGEST_BYTES = 64;
const KINDS = { contribution: 1, confirmation: 2, complaint: 3 } as const;
const MAX_BYTES = 256 + MAX_EPOCH_COUNT * MAX_CUSTODIANS * 100;

/** Which of the three messages it is. */
export type CeremonyMessageKind = keyof typeof KINDS;

/** A message as it travels: who says it, in which ceremony, signed. The body is read once the signature holds. */
export interface CeremonyEnvelope {
  readonly kind: CeremonyMessageKind;
  /** SHA-512 of the encoded setup. */
  readonly setupDigest: Uint8Array;
  /** From 1. */
  readonly sender: number;
  readonly body: Uint8Array;
  /** The whole message. */
  readonly message: Uint8Array;
}

/** Round 3: what a custodian saw of each other, and its signature over each epoch's transcript. */
export interface Confirmation {
  readonly contributionDigests: readonly Uint8Array[];
  readonly signatures: readonly Uint8Array[];
}

/** A custodian's proof that a share sent to it is bad. It shows the secrets of this one share. */
export interface Complaint {
  readonly accused: number;
  /** Which epoch of the ceremony, from 0. */
  readonly position: number;
  /** Digest of the contribution complained about. */
  readonly contributionDigest: Uint8Array;
  readonly secrets: SharedSecrets;
  readonly proof: EqualLogsProof;
}

/** Signs and encodes a message: header, kind (1), digest of the setup (64), sender (1), body, signature (64). */
export function encodeMessage(input: {
  readonly kind: CeremonyMessageKind;
  readonly setup: CeremonySetup;
  readonly sender: number;
  readonly secretKey: RistrettoScalar;
  readonly body: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  const signed = concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    unsigned(KINDS[input.kind], 1),
    sha512(encodeSetup(input.setup)),
    unsigned(input.sender, 1),
    input.body,
  );
  return concatBytes(signed, schnorrSign(input.secretKey, signed));
}

/**
 * Reads the envelope of a message.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseEnvelope(bytes: Uint8Array): CeremonyEnvelope {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const kind = kindOf(reader.unsigned(1));
  const setupDigest = reader.take(DIGEST_BYTES);
  const sender = reader.unsigned(1);
  const headBytes = MAGIC.length + 2 + DIGEST_BYTES + 1;
  const body = reader.take(Math.max(0, bytes.length - headBytes - SCHNORR_BYTES));
  reader.take(SCHNORR_BYTES);
  return { kind, setupDigest, sender, body, message: Uint8Array.from(bytes) };
}

/** Whether the envelope is of this ceremony and signed by the custodian it names. */
export function isEnvelopeOf(setup: CeremonySetup, envelope: CeremonyEnvelope): boolean {
  const key = setup.custodians[envelope.sender - 1];
  return (
    key !== undefined &&
    equalBytes(envelope.setupDigest, sha512(encodeSetup(setup))) &&
    schnorrVerify(
      key,
      envelope.message.subarray(0, -SCHNORR_BYTES),
      envelope.message.subarray(-SCHNORR_BYTES),
    )
  );
}

/** Whether a custodian of this ceremony signed these bytes as a message of it; for a board that keeps no others. */
export function isMessageOf(setup: CeremonySetup, message: Uint8Array): boolean {
  try {
    return isEnvelopeOf(setup, parseEnvelope(message));
  } catch (error) {
    if (error instanceof CustodyError) return false;
    throw error;
  }
}

/** Round 1 for each epoch in order, each as msg1 of C2SP cocktail-dkg: C, PoP, E, then each share with its length (8). */
export function encodeContribution(offers: readonly Offer[]): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ...offers.flatMap((offer) => [
      ...offer.commitment.map((element) => element.toBytes()),
      offer.proof,
      offer.ephemeral.toBytes(),
      ...offer.sealedShares.flatMap((sealed) => [unsigned(sealed.length, 8), sealed]),
    ]),
  );
}

/** Reads a contribution's body. @throws {CustodyError} `malformed` */
export function parseContribution(setup: CeremonySetup, body: Uint8Array): readonly Offer[] {
  const reader = new ByteReader(body, MAX_BYTES);
  const offers = Array.from({ length: setup.epochCount }, () => ({
    commitment: reader.elements(setup.threshold.k),
    proof: reader.take(SCHNORR_BYTES),
    ephemeral: reader.element(),
    sealedShares: Array.from({ length: setup.threshold.n }, () => readSealedShare(reader)),
  }));
  reader.end();
  return offers;
}

/** A digest (64) for each custodian, then a signature (64) for each epoch. */
export function encodeConfirmation(confirmation: Confirmation): Uint8Array<ArrayBuffer> {
  return concatBytes(...confirmation.contributionDigests, ...confirmation.signatures);
}

/** Reads a confirmation's body. @throws {CustodyError} `malformed` */
export function parseConfirmation(setup: CeremonySetup, body: Uint8Array): Confirmation {
  const reader = new ByteReader(body, MAX_BYTES);
  const contributionDigests = setup.custodians.map(() => reader.take(DIGEST_BYTES));
  const signatures = Array.from({ length: setup.epochCount }, () => reader.take(SCHNORR_BYTES));
  reader.end();
  return { contributionDigests, signatures };
}

/** Accused (1), position (1), digest (64), Sᵉ, Sᵈ, e, f (32 each). */
export function encodeComplaint(complaint: Complaint): Uint8Array<ArrayBuffer> {
  return concatBytes(
    unsigned(complaint.accused, 1),
    unsigned(complaint.position, 1),
    complaint.contributionDigest,
    complaint.secrets.ephemeral.toBytes(),
    complaint.secrets.lasting.toBytes(),
    complaint.proof.challenge.toBytes(),
    complaint.proof.response.toBytes(),
  );
}

/** Reads a complaint's body. @throws {CustodyError} `malformed` */
export function parseComplaint(setup: CeremonySetup, body: Uint8Array): Complaint {
  const reader = new ByteReader(body, MAX_BYTES);
  const [accused, position] = [reader.unsigned(1), reader.unsigned(1)];
  const contributionDigest = reader.take(DIGEST_BYTES);
  const secrets: SharedSecrets = { ephemeral: reader.element(), lasting: reader.element() };
  const proof = { challenge: reader.scalar(), response: reader.scalar() };
  reader.end();
  if (accused < 1 || accused > setup.threshold.n || position >= setup.epochCount) {
    throw malformed("a custodian or an epoch out of range");
  }
  return { accused, position, contributionDigest, secrets, proof };
}

function readSealedShare(reader: ByteReader): Uint8Array {
  if (reader.unsigned(8) !== SEALED_SHARE_BYTES) throw malformed("a sealed share of another length");
  return reader.take(SEALED_SHARE_BYTES);
}

function kindOf(code: number): CeremonyMessageKind {
  if (code === KINDS.contribution) return "contribution";
  if (code === KINDS.confirmation) return "confirmation";
  if (code === KINDS.complaint) return "complaint";
  throw malformed("an unknown kind of message");
}
