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
  "opening-supplemented",
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
  "naming-decided",
  "naming-withdrawn",
  "records-deleted",
  "witness-policy-endorsed",
  "person-erased",
  "dwelling-registered",
  "dwelling-ended",
  "credential-of-dwelling",
  "credential-of-staff",
  "credential-of-service",
  "credential-of-empty-dwelling",
  "credential-ended",
  "token-key-issued",
  "credential-handed-over",
  "credential-denied",
  "motion-published",
  "motion-withdrawn",
  "ballot-cast",
  "advisory-ballot-cast",
  "motion-counted",
  "secret-ballot-cast",
  "motion-tally-fixed",
  "vendor-page-written",
  "vendor-exit-begun",
  "vendor-exit-receipt",
  "vendor-exit-closed",
  "consent-notice-published",
  "consent-given",
  "consent-withdrawn",
  "residency-end-asked",
  "residency-end-answered",
  "residency-end-decided",
  "residency-ended",
  "complaint-received",
  "complaint-passed-on",
  "complaint-answered",
  "complaint-late",
  "complaint-reopened",
  "penalty-published",
  "penalty-changed",
  "penalty-removed",
  "data-shared",
  "recipient-registered",
  "recipient-ended",
  "incident-opened",
  "incident-report-late",
  "incident-telling-decided",
  "incident-published",
  "evidence-package-made",
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
  /** It cosigns for whoever wants to look, and counts towards no quorum. */
  extra: Type.Optional(Type.Boolean()),
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

/** What stands between the log and a witness; see `@menshen/evidence/node`. */
export const WITNESS_TROUBLES = [
  "log-behind-witness",
  "log-forked",
  "witness-lost-state",
  "witness-refuses",
  "witness-silent",
] as const;

/** Why the log takes no leaves now; they wait and none is lost. */
export const LOG_ALARMS = [
  "log-behind-witness",
  "log-forked",
  "log-behind-itself",
  "witnesses-silent",
] as const;

/** The log as its auditor sees it. */
export const LogState = Type.Object({
  /** Leaves under the newest checkpoint that the log signed, published or not. */
  signedSize: Type.Integer({ minimum: 0 }),
  /** Leaves under the checkpoint that enough witnesses cosigned. */
  publishedSize: Type.Integer({ minimum: 0 }),
  /** When that checkpoint was signed. */
  publishedAt: Type.Optional(EpochMs),
  /** Leaves that have no index yet. */
  waiting: Type.Integer({ minimum: 0 }),
  quorum: Type.Integer({ minimum: 0 }),
  witnesses: Type.Array(
    Type.Object({
      body: Type.Enum([...WITNESS_BODIES]),
      name: Type.String(),
      /** Its cosignature on the published checkpoint. */
      cosignedAt: Type.Optional(EpochMs),
      /** What came of asking it last. */
      trouble: Type.Optional(Type.Enum([...WITNESS_TROUBLES])),
    }),
  ),
  alarm: Type.Optional(Type.Enum([...LOG_ALARMS])),
});
export type LogState = Static<typeof LogState>;

/**
 * What a check of the record finds wrong:
 * - `log-damaged`: the log's own tiles do not add up to its signed checkpoint;
 * - `leaf-unknown`: a leaf of the log that the database knows nothing of;
 * - `statement-missing`: what a leaf said is gone, and it is nothing that may be forgotten;
 * - `statement-differs`: a statement is not what its leaf commits to;
 * - `row-missing`, `row-differs`: a line of the record was deleted or edited after it was recorded;
 * - `row-unrecorded`: a line that no leaf tells of was put into the record;
 * - `deleted-early`: a leaf says that records were deleted before their time;
 * - `erasure-unsaid`: more statements are gone, by `row`, than leaves of `person-erased` and `records-deleted` say.
 */
export const RECORD_PROBLEMS = [
  "log-damaged",
  "leaf-unknown",
  "statement-missing",
  "statement-differs",
  "row-missing",
  "row-differs",
  "row-unrecorded",
  "deleted-early",
  "erasure-unsaid",
] as const;
export type RecordProblemKind = (typeof RECORD_PROBLEMS)[number];

/** Tables whose lines are held by leaves. */
export const RECORD_TABLES = ["change", "gate-alarm", "personal-view"] as const;
export type RecordTableName = (typeof RECORD_TABLES)[number];

export const RecordProblem = Type.Object({
  kind: Type.Enum([...RECORD_PROBLEMS]),
  /** Leaf of the log. */
  index: Type.Optional(Type.Integer({ minimum: 0 })),
  table: Type.Optional(Type.Enum([...RECORD_TABLES])),
  /** The line's id in its table. */
  row: Type.Optional(Type.String()),
});
export type RecordProblem = Static<typeof RecordProblem>;

/** One step of a check. Ask again from `next` until it is absent: then all was checked. */
export const RecordCheck = Type.Object({
  size: Type.Integer({ minimum: 0 }),
  next: Type.Optional(Type.Integer({ minimum: 0 })),
  leaves: Type.Integer({ minimum: 0 }),
  /** Lines of the record that were compared with what their leaves hold. */
  rows: Type.Integer({ minimum: 0 }),
  /** Leaves about persons whose data were deleted since. */
  forgotten: Type.Integer({ minimum: 0 }),
  /** Leaves whose lines were deleted when their time was over, as leaves of `records-deleted` say. */
  deleted: Type.Integer({ minimum: 0 }),
  problems: Type.Array(RecordProblem, { maxItems: 100 }),
  problemCount: Type.Integer({ minimum: 0 }),
});
export type RecordCheck = Static<typeof RecordCheck>;

/** From so many on a number of credentials is said; below it, `few`: a small one would single somebody out. */
export const SMALL_COUNT = 5;

const FewOrMore = Type.Union([Type.Integer({ minimum: 0 }), Type.Literal("few")]);

/** Credentials in use that open any door of a building, by why two answer for them. One that opens two counts in both. */
export const PathCounts = Type.Object({
  /** When it was counted. */
  at: EpochMs,
  items: Type.Array(
    Type.Object({
      /** Absent: doors of no building, such as the gates of the grounds. */
      buildingName: Type.Optional(Type.String()),
      staff: FewOrMore,
      service: FewOrMore,
      emptyDwelling: FewOrMore,
    }),
  ),
});
export type PathCounts = Static<typeof PathCounts>;

export const evidenceEndpoints = {
  state: endpoint({
    id: "getLogState",
    method: "GET",
    path: `${API_BASE}/log/state`,
    tag: "evidence",
    summary: "the evidence log and its witnesses, for auditors",
    response: LogState,
  }),
  check: endpoint({
    id: "checkRecord",
    method: "POST",
    path: `${API_BASE}/log/check`,
    tag: "evidence",
    summary: "compare the record with the evidence log, some thousand leaves at a time; for auditors",
    body: Type.Object(
      { from: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) },
      { additionalProperties: false },
    ),
    response: RecordCheck,
  }),
  log: endpoint({
    id: "describeLog",
    method: "GET",
    path: `${API_BASE}/log`,
    tag: "evidence",
    summary:
      "the evidence log: keys, witnesses, size; its tiles stand under `/log/tile`, its checkpoint at `/log/checkpoint`",
    response: LogDescription,
  }),
  pathCounts: endpoint({
    id: "countCredentialsByPath",
    method: "GET",
    path: `${API_BASE}/log/path-counts`,
    tag: "evidence",
    summary:
      "how many credentials of staff, services and empty homes open each building; small numbers are not told",
    response: PathCounts,
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
