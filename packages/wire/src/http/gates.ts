import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, NameText, PageFields, RecordFields, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { recordEndpoints, withRevision } from "./record-endpoints.ts";

const closed = { additionalProperties: false };

const gateInput = {
  name: NameText,
  /** Cards carry one key per door group, so that a stolen gate exposes its own group only. */
  doorGroup: Type.Integer({ minimum: 1, maximum: 13 }),
};
export const Gate = Type.Object({
  ...RecordFields,
  name: Type.String(),
  doorGroup: Type.Integer(),
  vendorId: Type.Optional(Uuid),
  enrolment: Type.Enum(["new", "enrolled", "revoked"]),
  /** `never` until the first message. */
  link: Type.Enum(["online", "offline", "never"]),
  /** Since when `link` is what it is. */
  linkSince: Type.Optional(EpochMs),
  lastSeenAt: Type.Optional(EpochMs),
  certificateUntil: Type.Optional(EpochMs),
});
export type Gate = Static<typeof Gate>;
export const GateCreate = Type.Object(
  {
    ...gateInput,
    /** Whose device it is; absent: the only vendor listed, or nobody while none is. */
    vendorId: Type.Optional(Uuid),
  },
  closed,
);
export type GateCreate = Static<typeof GateCreate>;

const Version = Type.Object({
  /** What the server last made for the gate. */
  desired: Type.Integer(),
  /** What the gate last said it applied. */
  applied: Type.Optional(Type.Integer()),
  /** Why the gate refused `desired`, if it did. */
  error: Type.Optional(Type.String()),
});

/** What the server itself finds about gates, doors and rules. */
export const SERVER_FINDING_CODES = [
  "gate-not-enrolled",
  "gate-revoked",
  "gate-offline",
  "journal-forked",
  "journal-bad-batch",
  "journal-unreadable",
  "journal-bad-signature",
  "server-behind",
  "journal-replaced",
  "journal-rereading",
  "journal-gap",
  "certificate-ending",
  "snapshot-refused",
  "keyring-refused",
  "modes-refused",
  "trail-refused",
  "passes-refused",
  "door-rules-refused",
  "journal-degraded",
  "clock-doubtful",
  "reader-offline",
  "reader-install-window",
  "reader-tamper",
  "reader-power-fault",
  "lock-not-answering",
  "door-forced",
  "door-held-too-long",
  "fire-release",
  "way-missing",
  "grade-fall-waived",
  "log-behind-witness",
  "log-not-witnessed",
  "custody-keys-low",
  "custody-receipt-overdue",
  "opening-review-overdue",
  "incident-report-half",
  "incident-report-nearly",
  "incident-report-missed",
  "old-cards-ending",
  "card-keys-locked",
  "door-rule-only-path",
  "door-rule-exit-unseen",
] as const;
export type ServerFindingCode = (typeof SERVER_FINDING_CODES)[number];

/** Something about a device that a person should look at; `code` is one of `SERVER_FINDING_CODES` or of a gate's own, values are numbers and ids only. */
export const HealthFinding = Type.Object({
  code: Type.String(),
  severity: Type.Enum(["notice", "warning", "fault"]),
  /** Absent for what no single gate is behind, e.g. a way in that is missing. */
  gateId: Type.Optional(Uuid),
  gateName: Type.Optional(Type.String()),
  readerId: Type.Optional(Uuid),
  portalId: Type.Optional(Uuid),
  /** What it is about, in the words of the installation: a door's or reader's name. */
  subject: Type.Optional(Type.String()),
  since: Type.Optional(EpochMs),
  values: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  ),
});
export type HealthFinding = Static<typeof HealthFinding>;

/**
 * - `fork`: two different journals were signed with the gate's key;
 * - `bad-batch`: signed, but not of the form agreed;
 * - `unreadable`: entries stored that this version cannot decode;
 * - `bad-signature`: came by the gate's own connection, not signed by its key;
 * - `server-behind`: the server's database was restored from an older copy;
 * - `replaced`: stored entries gave way to what the gate holds, after somebody had accepted that.
 */
export const GATE_ALARM_KINDS = [
  "fork",
  "bad-batch",
  "unreadable",
  "bad-signature",
  "server-behind",
  "replaced",
] as const;
export type GateAlarmKind = (typeof GATE_ALARM_KINDS)[number];

/** About a gate's records; stands until a member of staff clears it. */
export const GateAlarm = Type.Object({
  id: Type.Integer(),
  kind: Type.Enum([...GATE_ALARM_KINDS]),
  /** Journal number that it is about, 0 for none. */
  sequence: Type.Integer(),
  /** How often the same was noticed. */
  times: Type.Integer(),
  firstAt: EpochMs,
  lastAt: EpochMs,
});
export type GateAlarm = Static<typeof GateAlarm>;

export const GateDetail = Type.Object({
  gate: Gate,
  softwareVersion: Type.Optional(Type.String()),
  snapshot: Version,
  keyring: Version,
  doorRules: Version,
  modes: Version,
  /** Something changed that the desired versions do not hold yet. */
  stale: Type.Boolean(),
  journal: Type.Object({
    lastSequence: Type.Integer(),
    /** Sequences that are missing before `lastSequence`. */
    gaps: Type.Array(Type.Object({ first: Type.Integer(), last: Type.Integer() })),
    forked: Type.Boolean(),
    /** Somebody accepted the gate's journal as it is, and it is being read again from its first entry. */
    rereading: Type.Boolean(),
  }),
  /** Those that nobody has cleared yet. */
  alarms: Type.Array(GateAlarm),
  clockSpreadMs: Type.Optional(Type.Integer()),
  readers: Type.Array(
    Type.Object({
      readerId: Uuid,
      name: Type.Optional(Type.String()),
      online: Type.Boolean(),
      secureChannel: Type.Boolean(),
    }),
  ),
  findings: Type.Array(HealthFinding),
});
export type GateDetail = Static<typeof GateDetail>;

export const EnrolmentCode = Type.Object({
  code: Type.String(),
  enrolUrl: Type.String(),
  expiresAt: EpochMs,
});
export type EnrolmentCode = Static<typeof EnrolmentCode>;

export const gateEndpoints = {
  ...recordEndpoints(
    { one: "gate", many: "gates", path: "gates" },
    {
      item: Gate,
      create: GateCreate,
      update: withRevision(gateInput),
      query: Type.Object({ ...PageFields, removed: Type.Optional(Type.Boolean()) }, closed),
    },
  ),
  enrolmentCode: endpoint({
    id: "createEnrolmentCode",
    method: "POST",
    path: `${API_BASE}/gates/:id/enrolment-code`,
    tag: "gates",
    summary: "a one-time code for installing the gate; voids the one before",
    params: IdParams,
    response: EnrolmentCode,
    status: 201,
  }),
  revoke: endpoint({
    id: "revokeGate",
    method: "POST",
    path: `${API_BASE}/gates/:id/revoke`,
    tag: "gates",
    summary: "disconnect a gate for good: its certificate is refused from now on",
    params: IdParams,
    response: Gate,
    reason: "required",
  }),
  clearAlarm: endpoint({
    id: "clearGateAlarm",
    method: "POST",
    path: `${API_BASE}/gates/:id/alarms/:alarmId/clear`,
    tag: "gates",
    summary: "clear an alarm that was looked into, with the reason; the same trouble again raises it again",
    params: Type.Object({ id: Uuid, alarmId: Type.Integer({ minimum: 1 }) }, closed),
    response: GateDetail,
    reason: "required",
  }),
  acceptJournal: endpoint({
    id: "acceptGateJournal",
    method: "POST",
    path: `${API_BASE}/gates/:id/journal/accept`,
    tag: "gates",
    summary:
      "after a fork: read the gate's journal again from its first entry; stored entries that contradict it are set apart",
    params: IdParams,
    response: GateDetail,
    reason: "required",
  }),
  status: endpoint({
    id: "getGateStatus",
    method: "GET",
    path: `${API_BASE}/gates/:id/status`,
    tag: "gates",
    summary: "what the gate last said of itself, and what it should have",
    params: IdParams,
    response: GateDetail,
  }),
  health: endpoint({
    id: "listHealthFindings",
    method: "GET",
    path: `${API_BASE}/health-findings`,
    tag: "gates",
    summary: "everything about devices that someone should look at, most severe first",
    response: Type.Object({ items: Type.Array(HealthFinding) }),
  }),
} as const;
