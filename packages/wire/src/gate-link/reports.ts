import { GateId, PortalId, ReaderId } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bool, bytes, choice, instant, list, map, optional, text, uint, uuid, version } from "../schema.ts";
import { DOCUMENT_KINDS } from "./documents.ts";
import { codeText, portalModeFields } from "./journal.ts";
import { pseudonymChainSchema } from "./trail.ts";

/** Signed by the gate, after each connect. */
export const helloSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  softwareVersion: [2, text(64)],
  /** Random at each start of the gate's process. */
  bootId: [3, bytes(16)],
  /** What the gate holds, 0 for none. */
  snapshotVersion: [4, uint()],
  keyringVersion: [5, uint()],
  modesGeneration: [6, uint()],
  /** Last sequence of its journal, 0 for none, and the hash after it. */
  lastSequence: [7, uint()],
  lastHash: [8, bytes(32)],
  /** What the gate knows of the time. */
  earliest: [9, instant()],
  latest: [10, instant()],
  /** Comes back in the time answer. */
  nonce: [11, bytes(16)],
  trailVersion: [12, uint()],
  /** What the gate makes its pseudonyms with now. */
  pseudonymChain: [13, optional(pseudonymChainSchema)],
  /** Absent for none. */
  passesVersion: [14, optional(uint())],
  /** Absent for none. */
  doorRulesVersion: [15, optional(uint())],
});

/** Unsigned (mutual TLS): asks for the time between hellos. */
export const timeRequestSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  nonce: [2, bytes(16)],
});

/** Unsigned (mutual TLS): the whole present state, at every change and every 20 s. */
export const statusSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  earliest: [2, instant()],
  latest: [3, instant()],
  readers: [
    4,
    list(
      map({
        readerId: [0, uuid(ReaderId)],
        online: [1, bool()],
        /** `install`: talking under SCBK-D in a logged install window; `none` also for readers without one (PC/SC). */
        secureChannel: [2, choice(["none", "install", "own-key"])],
        tamper: [3, bool()],
        powerFault: [4, bool()],
      }),
      256,
    ),
  ],
  portals: [
    5,
    list(
      map({
        portalId: [0, uuid(PortalId)],
        ...portalModeFields,
        /** `fault`: the output does not answer. */
        lock: [5, choice(["locked", "unlocked", "fault"])],
        /** `none`: the portal has no contact. */
        contact: [6, choice(["closed", "open", "forced", "held-too-long", "none"])],
        fireRelease: [7, bool()],
      }),
      256,
    ),
  ],
  findings: [
    6,
    list(
      map({
        /** What the self-test or a watch found, e.g. `no-tpm`, `reader-not-answering`. */
        code: [0, codeText()],
        /** UUID of the reader or portal that it is about. */
        subject: [1, optional(bytes(16))],
        severity: [2, choice(["notice", "warning", "fault"])],
      }),
      256,
    ),
  ],
  /** Entries of the journal that the server has not acknowledged yet. */
  journalBacklog: [7, uint()],
  /** The journal cannot sync in time or cannot write. */
  journalDegraded: [8, bool()],
});

export const APPLIED_ERRORS = [
  "bad-signature",
  "wrong-gate",
  "older-version",
  "base-differs",
  "unknown-version",
  "invalid",
  "refused-by-rules",
  "cannot-open",
  "cannot-store",
] as const;

/** Signed by the gate: what became of a document; sent after it was persisted or refused. */
export const appliedSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  what: [2, choice(DOCUMENT_KINDS)],
  documentVersion: [3, uint()],
  ok: [4, bool()],
  error: [5, optional(choice(APPLIED_ERRORS))],
});

export type Hello = Static<typeof helloSchema>;
export type TimeRequest = Static<typeof timeRequestSchema>;
export type StatusReport = Static<typeof statusSchema>;
export type Applied = Static<typeof appliedSchema>;
export type AppliedError = (typeof APPLIED_ERRORS)[number];

export const hello = makeCodec(helloSchema, 1024);
export const timeRequest = makeCodec(timeRequestSchema, 128);
export const statusReport = makeCodec(statusSchema, 64 * 1024);
export const applied = makeCodec(appliedSchema, 256);
