import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, PageFields, pageOf, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/** What a leaf of the evidence log can be about. Public: never anything about a person. */
export const EVIDENCE_TOPICS = [
  "gate-certificate-issued",
  "custodians-appointed",
  "ceremony-finished",
  "personal-data-viewed",
  "opening-announced",
  "opening-requested",
  "opening-refused",
  "opening-answered",
  "opening-expired",
  "opening-late",
  "opening-seal-extended",
  "opening-disclosed",
  "opening-reviewed",
  "hold-placed",
  "hold-ended",
  "shares-destroyed",
  "settings-changed",
  "resident-key-registered",
  "administration-recorded",
] as const;
export type EvidenceTopic = (typeof EVIDENCE_TOPICS)[number];

/** Who runs a witness: the city, the owners' committee, a resident. */
export const WITNESS_BODIES = ["city", "committee", "resident"] as const;
export type WitnessBody = (typeof WITNESS_BODIES)[number];

export const LogWitness = Type.Object({
  body: Type.Enum([...WITNESS_BODIES]),
  /** Name in its key, and in its cosignatures. */
  name: Type.String(),
  /** C2SP verifier key. */
  key: Type.String(),
});
export type LogWitness = Static<typeof LogWitness>;

/** What a stranger needs to follow the log and to check a proof. */
export const LogDescription = Type.Object({
  /** First line of its checkpoints. */
  origin: Type.String(),
  /** C2SP verifier key. */
  logKey: Type.String(),
  witnesses: Type.Array(LogWitness),
  /** How many of them must have cosigned a checkpoint before this server shows it as witnessed. */
  quorum: Type.Integer({ minimum: 0 }),
  /** Leaves under the checkpoint that is shown. */
  size: Type.Integer({ minimum: 0 }),
  /** When that checkpoint was signed; absent before the first. */
  publishedAt: Type.Optional(EpochMs),
});
export type LogDescription = Static<typeof LogDescription>;

/** A statement that everybody may read, with what opens its leaf. */
export const PublicStatement = Type.Object({
  leafId: Uuid,
  at: EpochMs,
  topic: Type.Enum([...EVIDENCE_TOPICS]),
  /** Canonical JSON: the text that the leaf commits to. */
  statement: Type.String(),
  salt: hexBytes(32, 32),
  /** Place in the log; absent until the log has taken it. */
  index: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type PublicStatement = Static<typeof PublicStatement>;

export const evidenceEndpoints = {
  log: endpoint({
    id: "describeLog",
    method: "GET",
    path: `${API_BASE}/log`,
    tag: "evidence",
    summary:
      "the evidence log: keys, witnesses, size; its tiles stand under `/log/tile`, its checkpoint at `/log/checkpoint`",
    response: LogDescription,
  }),
  statements: endpoint({
    id: "listStatements",
    method: "GET",
    path: `${API_BASE}/log/statements`,
    tag: "evidence",
    summary: "public statements, newest first",
    query: Type.Object(
      {
        ...PageFields,
        topic: Type.Optional(Type.Enum([...EVIDENCE_TOPICS])),
        from: Type.Optional(EpochMs),
        until: Type.Optional(EpochMs),
      },
      { additionalProperties: false },
    ),
    response: pageOf(PublicStatement),
  }),
} as const;
