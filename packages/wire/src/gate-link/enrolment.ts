import { CommunityId, GateId } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bytes, choice, instant, map, optional, text, uint, uuid, version } from "../schema.ts";
import { JOURNAL_BATCH_MAX_BYTES } from "./journal.ts";

const DER_MAX_BYTES = 4096;

/** Proves itself by the code and by the signature inside the request for a certificate. */
export const enrolRequestSchema = map({
  version: [0, version(1)],
  code: [1, text(64)],
  /** PKCS#10, DER, signed by the gate's new device key. */
  csr: [2, bytes(1, DER_MAX_BYTES)],
  /** X25519 public key that keyrings are sealed to. */
  sealingKey: [3, bytes(32)],
});

export const enrolResponseSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  communityId: [2, uuid(CommunityId)],
  certificate: [3, bytes(1, DER_MAX_BYTES)],
  ca: [4, bytes(1, DER_MAX_BYTES)],
  /** Ed25519 public key of the community policy key. */
  policyKey: [5, bytes(32)],
  /** `host:port` of the MQTT listener. */
  mqtt: [6, text(262)],
  /** IANA name. */
  timeZone: [7, text(64)],
});

/** Signed by the device key on record. */
export const renewRequestSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  csr: [2, bytes(1, DER_MAX_BYTES)],
  /** The gate's time, earliest bound, for the server's log. A replay only renews the same key once more. */
  at: [3, instant()],
});

export const renewResponseSchema = map({
  version: [0, version(1)],
  certificate: [1, bytes(1, DER_MAX_BYTES)],
  ca: [2, bytes(1, DER_MAX_BYTES)],
});

/**
 * Signed by the device key of a gate that was replaced, sent by the one in its place: what the old one's disk holds of
 * its journal. Without a batch it asks where the server's copy ends.
 */
export const handoverRequestSchema = map({
  version: [0, version(1)],
  /** The gate that was replaced, whose journal it is. */
  gateId: [1, uuid(GateId)],
  /** The gate in its place. */
  successor: [2, uuid(GateId)],
  /** The successor's time, earliest bound, for the server's log. A replay stores nothing new. */
  at: [3, instant()],
  /** An encoded journal batch of `gateId`. */
  batch: [4, optional(bytes(1, JOURNAL_BATCH_MAX_BYTES))],
});

/** Where the server's copy of the old journal ends now. */
export const handoverResponseSchema = map({
  version: [0, version(1)],
  nextSequence: [1, uint(Number.MAX_SAFE_INTEGER, 1)],
  previousHash: [2, bytes(32)],
});

/** Why the server did not do it, in the body of a 4xx or 5xx answer. */
export const REFUSAL_CODES = [
  /** The request is not of its form, or not signed by the key it names. */
  "invalid",
  /** The enrolment code is unknown, expired, used by another key or for a gate that is enrolled already. */
  "code-refused",
  /** No enrolled gate has this key; also after revocation. */
  "not-enrolled",
  /** Try again later. */
  "unavailable",
] as const;

export const refusalSchema = map({ version: [0, version(1)], code: [1, choice(REFUSAL_CODES)] });

export type Refusal = Static<typeof refusalSchema>;
export type RefusalCode = (typeof REFUSAL_CODES)[number];
export const refusal = makeCodec(refusalSchema, 64);

export type EnrolRequest = Static<typeof enrolRequestSchema>;
export type EnrolResponse = Static<typeof enrolResponseSchema>;
export type RenewRequest = Static<typeof renewRequestSchema>;
export type HandoverRequest = Static<typeof handoverRequestSchema>;
export type HandoverResponse = Static<typeof handoverResponseSchema>;
export type RenewResponse = Static<typeof renewResponseSchema>;

export const enrolRequest = makeCodec(enrolRequestSchema, 8 * 1024);
export const enrolResponse = makeCodec(enrolResponseSchema, 16 * 1024);
export const renewRequest = makeCodec(renewRequestSchema, 8 * 1024);
export const renewResponse = makeCodec(renewResponseSchema, 16 * 1024);
export const handoverRequest = makeCodec(handoverRequestSchema, JOURNAL_BATCH_MAX_BYTES + 1_024);
export const handoverResponse = makeCodec(handoverResponseSchema, 128);
