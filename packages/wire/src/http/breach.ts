import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/** `mass-cloning`: many copies of cards at once; an incident even where no data were lost. */
export const INCIDENT_KINDS = ["data-leak", "data-loss", "data-altered", "mass-cloning"] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** Grades of the national measures, the lowest first. */
export const INCIDENT_GRADES = ["ordinary", "larger", "major", "grave"] as const;
export type IncidentGrade = (typeof INCIDENT_GRADES)[number];

/** To whom an incident is reported, each with its own clock. */
export const REPORT_AUTHORITIES = ["cac-provincial", "critical-infrastructure", "gdpr"] as const;
export type ReportAuthority = (typeof REPORT_AUTHORITIES)[number];

/** Stores that hold residents' data, as an incident names them. */
export const PERSONAL_STORES = [
  "people",
  "credentials",
  "accounts",
  "looks",
  "complaints",
  "visits",
] as const;
export type PersonalStore = (typeof PERSONAL_STORES)[number];

const closed = { additionalProperties: false };
const LongText = Type.String({ minLength: 1, maxLength: 2_000 });
const Grade = Type.Enum([...INCIDENT_GRADES]);

/** What was hit: a store of this server, what a gate holds, or credentials that were copied. */
export const IncidentTarget = Type.Union([
  Type.Object({ kind: Type.Literal("store"), store: Type.Enum([...PERSONAL_STORES]) }, closed),
  Type.Object({ kind: Type.Literal("database") }, closed),
  Type.Object({ kind: Type.Literal("gate"), gateId: Uuid }, closed),
  Type.Object(
    { kind: Type.Literal("credentials"), ids: Type.Array(Uuid, { minItems: 1, maxItems: 5_000 }) },
    closed,
  ),
]);
export type IncidentTarget = Static<typeof IncidentTarget>;

/** An entry of a gate's journal that shows it; kept as it stands, whatever is deleted later. */
export const EvidenceEntry = Type.Object({ gateId: Uuid, sequence: Type.Integer({ minimum: 1 }) }, closed);

/** The words that the statutory notices are made of (PIPL art. 57). */
const WordFields = {
  /** What happened and why. */
  cause: Type.Optional(LongText),
  /** What harm may come of it. */
  harm: Type.Optional(LongText),
  /** What was done about it. */
  remedies: Type.Optional(LongText),
  /** What those affected can do themselves. */
  advice: Type.Optional(LongText),
  /** Where to ask. */
  contact: Type.Optional(LongText),
};
export const IncidentInput = Type.Object(
  {
    kind: Type.Enum([...INCIDENT_KINDS]),
    grade: Grade,
    targets: Type.Array(IncidentTarget, { minItems: 1, maxItems: 50 }),
    /** Since when the data lay open, and until when; absent: still. */
    from: EpochMs,
    until: Type.Optional(EpochMs),
    evidence: Type.Optional(Type.Array(EvidenceEntry, { maxItems: 1_000 })),
    ...WordFields,
  },
  closed,
);
export type IncidentInput = Static<typeof IncidentInput>;
export const IncidentWords = Type.Object({ grade: Type.Optional(Grade), ...WordFields }, closed);
export type IncidentWords = Static<typeof IncidentWords>;

/** Items that the law wants in both notices; what is missing must be written before anything is sent. */
export const NOTICE_ITEMS = ["cause", "harm", "remedies", "advice", "contact"] as const;
export type NoticeItem = (typeof NOTICE_ITEMS)[number];

export const NoticeDraft = Type.Object({
  to: Type.Enum(["authority", "persons"]),
  "zh-CN": Type.String(),
  en: Type.String(),
  missing: Type.Array(Type.Enum([...NOTICE_ITEMS])),
});
export type NoticeDraft = Static<typeof NoticeDraft>;

export const ReportClock = Type.Object({
  authority: Type.Enum([...REPORT_AUTHORITIES]),
  startedAt: EpochMs,
  dueAt: EpochMs,
  /** Half, nine tenths of the time are over. */
  alarm: Type.Optional(Type.Enum(["half", "nearly", "missed"])),
  reportedAt: Type.Optional(EpochMs),
  /** It was not reported in time; this is public. */
  missedAt: Type.Optional(EpochMs),
});
export type ReportClock = Static<typeof ReportClock>;

export const IncidentLine = Type.Object({
  id: Uuid,
  kind: Type.Enum([...INCIDENT_KINDS]),
  grade: Grade,
  openedAt: EpochMs,
  affected: Type.Integer({ minimum: 0 }),
  clocks: Type.Array(ReportClock),
  /** `told`: a notice went to everybody affected. `not-needed`: decided with a reason. */
  telling: Type.Enum(["undecided", "told", "not-needed"]),
  publishedAt: Type.Optional(EpochMs),
});
export type IncidentLine = Static<typeof IncidentLine>;

export const Incident = Type.Object({
  ...IncidentLine.properties,
  targets: Type.Array(IncidentTarget),
  from: EpochMs,
  until: Type.Optional(EpochMs),
  ...WordFields,
  /** What of how many: counts of people by kind of data. */
  data: Type.Array(Type.Object({ data: Type.String(), persons: Type.Integer({ minimum: 0 }) })),
  drafts: Type.Array(NoticeDraft),
  /** SHA-256 of the entries that were kept as evidence. */
  evidence: Type.Array(Type.Object({ gateId: Uuid, sequence: Type.Integer(), sha256: hexBytes(32, 32) })),
  notTelling: Type.Optional(Type.String()),
  override: Type.Optional(Type.Object({ authority: Type.String(), documentNumber: Type.String() })),
});
export type Incident = Static<typeof Incident>;

export const ReportSettings = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          authority: Type.Enum([...REPORT_AUTHORITIES]),
          isOn: Type.Boolean(),
          hours: Type.Integer({ minimum: 1, maximum: 720 }),
          fromGrade: Grade,
        },
        closed,
      ),
      { minItems: 3, maxItems: 3 },
    ),
  },
  closed,
);
export type ReportSettings = Static<typeof ReportSettings>;

/** Topics of the log's entries that tell of an incident in public. */
export const INCIDENT_TOPICS = [
  "incident-report-late",
  "incident-telling-decided",
  "incident-published",
] as const;

const DecidedFields = {
  /** Why those affected need not be told. */
  notTelling: Type.Optional(Type.String()),
  /** The authority wanted them to be told, against that or before anybody decided. */
  override: Type.Optional(Type.Object({ authority: Type.String(), documentNumber: Type.String() })),
  /** Entries of the public log that say so. */
  leaves: Type.Array(
    Type.Object({ topic: Type.Enum([...INCIDENT_TOPICS]), index: Type.Integer({ minimum: 0 }) }),
  ),
};

/** What everybody may read of an incident, once it is published. */
export const PublishedIncident = Type.Object({
  id: Uuid,
  kind: Type.Enum([...INCIDENT_KINDS]),
  grade: Grade,
  openedAt: EpochMs,
  publishedAt: EpochMs,
  affected: Type.Integer({ minimum: 0 }),
  cause: Type.String(),
  remedies: Type.String(),
  clocks: Type.Array(ReportClock),
  telling: Type.Enum(["undecided", "told", "not-needed"]),
  ...DecidedFields,
});
export type PublishedIncident = Static<typeof PublishedIncident>;

/** What is public of an incident before it is: a report that came too late, and what was decided of telling those affected. */
export const IncidentAhead = Type.Object({ id: Uuid, late: Type.Array(ReportClock), ...DecidedFields });
export type IncidentAhead = Static<typeof IncidentAhead>;

export const incidentEndpoints = {
  list: endpoint({
    id: "listIncidents",
    method: "GET",
    path: `${API_BASE}/incidents`,
    tag: "incidents",
    summary: "incidents with residents' data, newest first",
    response: Type.Object({ items: Type.Array(IncidentLine) }),
  }),
  open: endpoint({
    id: "openIncident",
    method: "POST",
    path: `${API_BASE}/incidents`,
    tag: "incidents",
    summary: "open an incident: who is affected is computed, and the clocks begin to run",
    body: IncidentInput,
    response: Incident,
    status: 201,
  }),
  get: endpoint({
    id: "getIncident",
    method: "GET",
    path: `${API_BASE}/incidents/:id`,
    tag: "incidents",
    summary: "one incident with its drafts",
    params: IdParams,
    response: Incident,
  }),
  write: endpoint({
    id: "writeIncident",
    method: "PUT",
    path: `${API_BASE}/incidents/:id/words`,
    tag: "incidents",
    summary: "write or correct what the notices say; not any more once they went out",
    params: IdParams,
    body: IncidentWords,
    response: Incident,
  }),
  reported: endpoint({
    id: "markIncidentReported",
    method: "POST",
    path: `${API_BASE}/incidents/:id/reports`,
    tag: "incidents",
    summary: "the authority has the report; refused while an item of it is missing",
    params: IdParams,
    body: Type.Object({ authority: Type.Enum([...REPORT_AUTHORITIES]) }, closed),
    response: Incident,
  }),
  tell: endpoint({
    id: "tellAffected",
    method: "POST",
    path: `${API_BASE}/incidents/:id/telling`,
    tag: "incidents",
    summary: "send the notice to everybody affected",
    params: IdParams,
    response: Incident,
  }),
  skipTelling: endpoint({
    id: "skipTellingAffected",
    method: "POST",
    path: `${API_BASE}/incidents/:id/no-telling`,
    tag: "incidents",
    summary: "decide, with a reason, that those affected need not be told; public",
    params: IdParams,
    body: Type.Object({ why: Type.String({ minLength: 20, maxLength: 2_000 }) }, closed),
    response: Incident,
  }),
  override: endpoint({
    id: "overrideTellingDecision",
    method: "POST",
    path: `${API_BASE}/incidents/:id/override`,
    tag: "incidents",
    summary: "the authority wants those affected to be told: the notice goes out at once",
    params: IdParams,
    body: Type.Object(
      {
        authority: Type.String({ minLength: 1, maxLength: 80 }),
        documentNumber: Type.String({ minLength: 1, maxLength: 80 }),
      },
      closed,
    ),
    response: Incident,
  }),
  publish: endpoint({
    id: "publishIncident",
    method: "POST",
    path: `${API_BASE}/incidents/:id/publication`,
    tag: "incidents",
    summary: "publish what happened, how many it hit, and whether the clocks were kept",
    params: IdParams,
    response: Incident,
  }),
  published: endpoint({
    id: "listPublishedIncidents",
    method: "GET",
    path: `${API_BASE}/published-incidents`,
    tag: "incidents",
    summary: "published incidents, newest first, and what is public of others before; for anybody",
    response: Type.Object({ items: Type.Array(PublishedIncident), ahead: Type.Array(IncidentAhead) }),
  }),
  settings: endpoint({
    id: "getReportSettings",
    method: "GET",
    path: `${API_BASE}/incident-settings`,
    tag: "incidents",
    summary: "to whom incidents are reported, from which grade, within how many hours",
    response: ReportSettings,
  }),
  changeSettings: endpoint({
    id: "changeReportSettings",
    method: "PUT",
    path: `${API_BASE}/incident-settings`,
    tag: "incidents",
    summary: "change them; clocks that run keep their time",
    body: ReportSettings,
    response: ReportSettings,
    reason: "required",
  }),
} as const;
