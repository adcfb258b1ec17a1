import { COUNTER_MARKS } from "@menshen/domain";
import Type, { type Static } from "typebox";
import {
  API_BASE,
  CredentialKindName,
  DecisionReason,
  EpochMs,
  GradeLetter,
  PageFields,
  pageOf,
  Uuid,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };

/** Kinds of journal entries. */
export const EVENT_KINDS = ["access", "portal", "reader", "gate"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/**
 * One journal entry of a gate, without name and without pseudonym: the server cannot tell whose it was.
 * (`gateId`, `sequence`) names it.
 */
export const EventItem = Type.Object({
  gateId: Uuid,
  sequence: Type.Integer({ minimum: 1 }),
  /** Time at the gate is an interval. */
  earliestAt: EpochMs,
  latestAt: EpochMs,
  receivedAt: EpochMs,
  kind: Type.Enum([...EVENT_KINDS]),
  /** For `portal`, `reader` and `gate`: which event, as in docs/protocol/gate-link.md. */
  event: Type.Optional(Type.String()),
  gateName: Type.String(),
  portalId: Type.Optional(Uuid),
  portalName: Type.Optional(Type.String()),
  accessPointId: Type.Optional(Uuid),
  accessPointName: Type.Optional(Type.String()),
  readerId: Type.Optional(Uuid),
  readerName: Type.Optional(Type.String()),
  // The rest for `access` only.
  granted: Type.Optional(Type.Boolean()),
  reasons: Type.Optional(Type.Array(DecisionReason)),
  credentialKind: Type.Optional(CredentialKindName),
  grade: Type.Optional(GradeLetter),
  /** A card with keys answered as a mere number only: perhaps a copy of it. */
  downgraded: Type.Optional(Type.Literal(true)),
  /** What is odd about the card's count: perhaps a copy, but for `torn`. */
  counterMark: Type.Optional(Type.Enum([...COUNTER_MARKS])),
  /** In a lift: names of the freed floors that many may go to; the others are only counted. */
  floorNames: Type.Optional(Type.Array(Type.String())),
  otherFloors: Type.Optional(Type.Integer({ minimum: 1 })),
  /** The duty desk may still be told whose it was; never in the live view. */
  nameable: Type.Optional(Type.Literal(true)),
});
export type EventItem = Static<typeof EventItem>;

const EventParams = Type.Object({ gateId: Uuid, sequence: Type.Integer({ minimum: 1 }) }, closed);

/** What would have to change for this refusal to become a grant; each value is an id, an instant or a word. */
export const REMEDY_CODES = [
  "enrol-credential",
  "unblock-credential",
  "extend-credential",
  "extend-rule",
  "wait-until",
  "add-rule",
  "use-other-means",
  "use-better-credential",
  "present-again",
  "renew-pass",
  "check-card",
  "end-locked-mode",
  "end-lockdown",
  "install-access-point",
  "restore-gate-clock",
  "publish-snapshot",
  "repair-gate",
  "forgive-person",
  "correct-count",
  "close-other-door",
  "go-in-together",
  "connect-gates",
  "show-both",
  "none-needed",
] as const;
export type RemedyCode = (typeof REMEDY_CODES)[number];

export const Remedy = Type.Object({
  code: Type.Enum([...REMEDY_CODES]),
  at: Type.Optional(EpochMs),
  minimumGrade: Type.Optional(GradeLetter),
  means: Type.Optional(Type.Array(CredentialKindName)),
  ruleId: Type.Optional(Uuid),
  scheduleId: Type.Optional(Uuid),
});
export type Remedy = Static<typeof Remedy>;

/** A rule that the gate named as its reason, and how its schedule stood on the day of the event. */
const RuleInQuestion = Type.Object({
  ruleId: Type.Optional(Uuid),
  name: Type.String(),
  scheduleId: Type.Optional(Uuid),
  scheduleName: Type.Optional(Type.String()),
  /** Windows of the event's local date. */
  windows: Type.Optional(Type.Array(Type.Object({ startMinute: Type.Integer(), endMinute: Type.Integer() }))),
  minimumGrade: GradeLetter,
  means: Type.Optional(Type.Array(CredentialKindName)),
});

export const EventExplanation = Type.Object({
  event: EventItem,
  /** As the gate decided then. */
  reasons: Type.Array(DecisionReason),
  rules: Type.Array(RuleInQuestion),
  remedies: Type.Array(Remedy),
  /** Local date and minute of the day of the event, in the community's time zone. */
  localDate: Type.String(),
  localMinute: Type.Integer(),
});
export type EventExplanation = Static<typeof EventExplanation>;

export const EventQuery = Type.Object(
  {
    ...PageFields,
    gateId: Type.Optional(Uuid),
    portalId: Type.Optional(Uuid),
    accessPointId: Type.Optional(Uuid),
    kind: Type.Optional(Type.Enum([...EVENT_KINDS])),
    outcome: Type.Optional(Type.Enum(["granted", "refused"])),
    /** Code of the deciding reason. */
    reason: Type.Optional(Type.String({ maxLength: 40 })),
    /** Name of a portal, reader or gate event. */
    event: Type.Optional(Type.String({ maxLength: 40 })),
    from: Type.Optional(EpochMs),
    until: Type.Optional(EpochMs),
  },
  closed,
);
export type EventQuery = Static<typeof EventQuery>;

export const eventEndpoints = {
  list: endpoint({
    id: "listEvents",
    method: "GET",
    path: `${API_BASE}/events`,
    tag: "events",
    summary: "events, newest first",
    query: EventQuery,
    response: pageOf(EventItem),
  }),
  get: endpoint({
    id: "getEvent",
    method: "GET",
    path: `${API_BASE}/events/:gateId/:sequence`,
    tag: "events",
    summary: "read one",
    params: EventParams,
    response: EventItem,
  }),
  why: endpoint({
    id: "explainEvent",
    method: "GET",
    path: `${API_BASE}/events/:gateId/:sequence/why`,
    tag: "events",
    summary: "why it was granted or refused, and what would have to change",
    params: EventParams,
    response: EventExplanation,
  }),
} as const;
