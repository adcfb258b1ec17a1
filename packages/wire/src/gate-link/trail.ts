import { GateId, MAX_RETENTION_DAYS } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bytes, choice, instant, list, map, optional, text, uint, uuid, version } from "../schema.ts";
import { NAMING_SCOPES } from "./naming-scopes.ts";

/** Names a pseudonym key: the first bytes of a hash of it. */
export const PSEUDONYM_KEY_ID_BYTES = 8;
/** The longest certificate of a ceremony. */
export const CERTIFICATE_MAX_BYTES = 64 * 1024;

/** As many custodian sets a document carries; a gate that missed more changes is enrolled anew. */
export const MAX_CUSTODIAN_SETS = 64;

const MAX_PEERS = 512;
/** Today's and tomorrow's. */
const MAX_DESK_KEYS = 2;
const MAX_CUSTODIANS = 32;
const CUSTODIAN_SET_MAX_BYTES = 4 * 1024;
const WITNESS_POLICY_MAX_BYTES = 20 * 1024;
const MAX_CEREMONIES = 16;
const TRAIL_MAX_BYTES = 4 * 1024 * 1024;

/** Epoch n covers [anchor + (n − 1) · epochMs, anchor + n · epochMs). */
export const epochNumber = () => uint(0xffff_ffff, 1);

const signature = () => bytes(64);
/** A verifier key of a signed note: name, key id and key (C2SP signed-note). */
const verifierKey = () => text(512);

/** That a statement stands in the evidence log: of the issue of a gate's certificate, of naming, of a token key. */
export const leafEvidenceSchema = map({
  /** Canonical JSON. */
  statement: [0, text(4096)],
  salt: [1, bytes(32)],
  leafIndex: [2, uint()],
  treeSize: [3, uint(Number.MAX_SAFE_INTEGER, 1)],
  proof: [4, list(bytes(32), 64)],
  /** Signed note with the witnesses' cosignatures. */
  checkpoint: [5, text(16 * 1024)],
});

const peerSchema = map({
  gateId: [0, uuid(GateId)],
  /** P-256, uncompressed point. */
  deviceKey: [1, bytes(65)],
  /** X25519. */
  sealingKey: [2, bytes(32)],
  /** Absent until a published checkpoint covers the leaf: until then nothing is wrapped to the peer. */
  evidence: [3, optional(leafEvidenceSchema)],
});

/** `index` is the member's, from 1. */
const endorsementsSchema = () =>
  list(map({ index: [0, uint(MAX_CUSTODIANS, 1)], signature: [1, signature()] }), MAX_CUSTODIANS);

const custodianSetSchema = map({
  /** As custody.md encodes it: version, threshold, members. */
  encoded: [0, bytes(1, CUSTODIAN_SET_MAX_BYTES)],
  /** By members of the set before. None for the first set. */
  endorsements: [1, endorsementsSchema()],
});

const witnessPolicySchema = map({
  /** As custody.md encodes it. */
  encoded: [0, bytes(1, WITNESS_POLICY_MAX_BYTES)],
  /** Version of the set whose members endorsed it. */
  setVersion: [1, uint(0xffff_ffff, 1)],
  endorsements: [2, endorsementsSchema()],
});

const ceremonySchema = map({
  certificate: [0, bytes(1, CERTIFICATE_MAX_BYTES)],
  /** By each member of the set, in order. */
  vouches: [1, list(signature(), MAX_CUSTODIANS, 2)],
  /** Version of the set that held it. */
  setVersion: [2, uint(0xffff_ffff, 1)],
});

/** One decision to name entries, and the keys that entries of these days are named to. */
const namingSchema = map({
  scope: [0, choice(NAMING_SCOPES)],
  /** That the decision stands in the evidence log: the gate believes nothing else. */
  evidence: [1, leafEvidenceSchema],
  deskKeys: [
    2,
    list(
      map({
        from: [0, instant()],
        /** Exclusive. */
        until: [1, instant()],
        /** X25519. */
        key: [2, bytes(32)],
      }),
      MAX_DESK_KEYS,
    ),
  ],
});

/**
 * Signed by the community policy key: what a gate needs to seal its entries and to agree with other gates on
 * pseudonyms. The gate checks endorsements, vouches, certificates and evidence itself.
 */
export const trailSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  trailVersion: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
  issuedAt: [3, instant()],
  /** The same for the life of the community. */
  grid: [4, map({ anchor: [0, instant()], epochMs: [1, uint(Number.MAX_SAFE_INTEGER, 1)] })],
  /** Of the pseudonym chain; rises when a gate is revoked. */
  generation: [5, uint(0xffff_ffff)],
  /** All enrolled gates, this one among them. */
  peers: [6, list(peerSchema, MAX_PEERS)],
  /** Every set that was in force, or the last of them, the oldest first; the last one is in force. */
  custodians: [7, list(custodianSetSchema, MAX_CUSTODIAN_SETS)],
  ceremonies: [8, list(ceremonySchema, MAX_CEREMONIES)],
  logKey: [9, optional(verifierKey())],
  witnesses: [10, list(verifierKey(), MAX_CUSTODIANS)],
  /** How many of the witnesses a checkpoint needs. */
  quorum: [11, uint(MAX_CUSTODIANS)],
  /** Absent: nobody is named. */
  naming: [12, optional(list(namingSchema, NAMING_SCOPES.length, 1))],
  /** The last policy of witnesses that custodians endorsed; what `logKey`, `witnesses`, `quorum` say may ask for more. */
  witnessPolicy: [13, optional(witnessPolicySchema)],
  /** Days from the end of an epoch to the end of what was sealed in it; absent: nothing is forgotten by time. */
  retentionDays: [14, optional(uint(MAX_RETENTION_DAYS))],
});

/** Signed by the sending gate's device key: its pseudonym key, wrapped to each gate whose certificate is proven. */
export const pseudonymSchema = map({
  version: [0, version(1)],
  /** The sender. */
  gateId: [1, uuid(GateId)],
  generation: [2, uint(0xffff_ffff)],
  epoch: [3, epochNumber()],
  keyId: [4, bytes(PSEUDONYM_KEY_ID_BYTES)],
  wraps: [
    5,
    list(
      map({
        /** The recipient. */
        gateId: [0, uuid(GateId)],
        /** HPKE encapsulated key (RFC 9180, DHKEM X25519). */
        encapsulatedKey: [1, bytes(32)],
        ciphertext: [2, bytes(48)],
      }),
      MAX_PEERS,
    ),
  ],
});

/** Which pseudonym key a gate uses. */
export const pseudonymChainSchema = map({
  generation: [0, uint(0xffff_ffff)],
  epoch: [1, epochNumber()],
  keyId: [2, bytes(PSEUDONYM_KEY_ID_BYTES)],
});

export type TrailMessage = Static<typeof trailSchema>;
export type TrailPeer = Static<typeof peerSchema>;
export type LeafEvidence = Static<typeof leafEvidenceSchema>;
export type TrailCustodianSet = Static<typeof custodianSetSchema>;
export type TrailWitnessPolicy = Static<typeof witnessPolicySchema>;
export type TrailCeremony = Static<typeof ceremonySchema>;
export type TrailNaming = Static<typeof namingSchema>;
export type PseudonymMessage = Static<typeof pseudonymSchema>;
export type PseudonymChainState = Static<typeof pseudonymChainSchema>;

export const trailMessage = makeCodec(trailSchema, TRAIL_MAX_BYTES);
export const pseudonymMessage = makeCodec(pseudonymSchema, 64 * 1024);
