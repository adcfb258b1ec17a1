import { ALARM_FINDINGS, ALARM_KINDS } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, PageFields, pageOf, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };

export const AlarmKindName = Type.Enum([...ALARM_KINDS]);
export const ALARM_STATES = ["open", "acknowledged", "closed"] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

/** The longest text of a finding. */
export const FINDING_TEXT_MAX = 500;

/** A member of staff who did something about an alarm, or is to. */
const AlarmHand = Type.Object({ staffId: Uuid, staffName: Type.String(), at: EpochMs });

/** What a guard found. Whoever writes it leaves residents out: alarms are about doors. */
export const AlarmFinding = Type.Object(
  {
    code: Type.Enum([...ALARM_FINDINGS]),
    /** `other` needs one. */
    text: Type.Optional(Type.String({ minLength: 1, maxLength: FINDING_TEXT_MAX })),
  },
  closed,
);
export type AlarmFinding = Static<typeof AlarmFinding>;

/** One thing wrong at one place, however often it happened until somebody closes it. Holds nothing of residents. */
export const Alarm = Type.Object({
  id: Uuid,
  kind: AlarmKindName,
  /** 1 is the gravest: life and limb; 5 can wait until the day. */
  rank: Type.Enum([1, 2, 3, 4, 5]),
  gateId: Uuid,
  gateName: Type.String(),
  portalId: Type.Optional(Uuid),
  portalName: Type.Optional(Type.String()),
  readerId: Type.Optional(Uuid),
  readerName: Type.Optional(Type.String()),
  /** By the gate's clock. */
  firstAt: EpochMs,
  lastAt: EpochMs,
  /** When this server heard of it first. */
  receivedAt: EpochMs,
  /** How often it happened: contact chatter and a flooding reader are one alarm. */
  count: Type.Integer({ minimum: 1 }),
  /** It was long over, or long there, when the server heard of it: it is listed, and does not ring. */
  late: Type.Boolean(),
  /** When it stopped by itself (door closed, reader back); absent while it lasts. It stays until somebody closes it. */
  endedAt: Type.Optional(EpochMs),
  state: Type.Enum([...ALARM_STATES]),
  /** It was acknowledged before and happened again: since when it rings anew. */
  reopenedAt: Type.Optional(EpochMs),
  acknowledged: Type.Optional(AlarmHand),
  assigned: Type.Optional(AlarmHand),
  closed: Type.Optional(Type.Object({ ...AlarmHand.properties, finding: AlarmFinding })),
  /** Counts up with what people do and with each new ringing; not with each further occurrence. */
  revision: Revision,
});
export type Alarm = Static<typeof Alarm>;

const InstructionText = Type.String({ minLength: 1, maxLength: 1_000 });
const Instruction = Type.Object({ zh: InstructionText, en: InstructionText }, closed);

/** What to do when an alarm of a kind rings. */
export const AlarmInstructionItem = Type.Object({
  kind: AlarmKindName,
  rank: Type.Enum([1, 2, 3, 4, 5]),
  text: Instruction,
  /** The community has not written its own. */
  isDefault: Type.Boolean(),
  /** 1 for the default. */
  revision: Revision,
});
export type AlarmInstructionItem = Static<typeof AlarmInstructionItem>;

export const AlarmQuery = Type.Object(
  {
    ...PageFields,
    /** `current`: not closed, gravest first, then the one that rang last. `closed`: the last closed first. */
    state: Type.Optional(Type.Enum(["current", "closed"])),
    kind: Type.Optional(AlarmKindName),
    portalId: Type.Optional(Uuid),
    gateId: Type.Optional(Uuid),
  },
  closed,
);
export type AlarmQuery = Static<typeof AlarmQuery>;

/** What was done about an alarm, in order. */
export const AlarmStep = Type.Object({
  at: EpochMs,
  what: Type.Enum([
    "raised",
    "rang-again",
    "ended",
    "acknowledged",
    "assigned",
    "unassigned",
    "closed",
    "reopened",
  ]),
  /** Absent for what happened by itself. */
  staffName: Type.Optional(Type.String()),
  /** With `assigned`: to whom. */
  assignedTo: Type.Optional(Type.String()),
});
export type AlarmStep = Static<typeof AlarmStep>;

const base = `${API_BASE}/alarms`;
const tag = "alarms";
const seen = { revision: Revision };

/**
 * Whoever acts names the revision they saw. If somebody was first, `stale-revision` (or `conflict`, if it cannot be done
 * any more) says in `first` who, when, and what state they left it in.
 */
export const alarmEndpoints = {
  list: endpoint({
    id: "listAlarms",
    method: "GET",
    path: base,
    tag,
    summary: "alarms: those that stand, or those that were closed",
    query: AlarmQuery,
    response: pageOf(Alarm),
  }),
  get: endpoint({
    id: "getAlarm",
    method: "GET",
    path: `${base}/:id`,
    tag,
    summary: "one alarm, what to do about it, and what was done",
    params: IdParams,
    response: Type.Object({ alarm: Alarm, instruction: AlarmInstructionItem, steps: Type.Array(AlarmStep) }),
  }),
  acknowledge: endpoint({
    id: "acknowledgeAlarm",
    method: "POST",
    path: `${base}/:id/acknowledge`,
    tag,
    summary: "I have seen it: it stops ringing",
    params: IdParams,
    body: Type.Object(seen, closed),
    response: Alarm,
  }),
  assign: endpoint({
    id: "assignAlarm",
    method: "POST",
    path: `${base}/:id/assign`,
    tag,
    summary: "say who takes care of it; without `staffId`, nobody does",
    params: IdParams,
    body: Type.Object({ ...seen, staffId: Type.Optional(Uuid) }, closed),
    response: Alarm,
  }),
  close: endpoint({
    id: "closeAlarm",
    method: "POST",
    path: `${base}/:id/close`,
    tag,
    summary: "close it with a finding; the same again is a new alarm",
    params: IdParams,
    body: Type.Object({ ...seen, finding: AlarmFinding }, closed),
    response: Alarm,
  }),
  reopen: endpoint({
    id: "reopenAlarm",
    method: "POST",
    path: `${base}/:id/reopen`,
    tag,
    summary: "take a closing back; `conflict` if the same rang again meanwhile",
    params: IdParams,
    body: Type.Object(seen, closed),
    response: Alarm,
  }),
  assignees: endpoint({
    id: "listAlarmAssignees",
    method: "GET",
    path: `${API_BASE}/alarm-assignees`,
    tag,
    summary: "who may take care of alarms; those on duty first",
    response: Type.Object({
      items: Type.Array(Type.Object({ staffId: Uuid, staffName: Type.String(), onDuty: Type.Boolean() })),
    }),
  }),
  instructions: endpoint({
    id: "listAlarmInstructions",
    method: "GET",
    path: `${API_BASE}/alarm-instructions`,
    tag,
    summary: "what to do, for each kind of alarm, gravest first",
    response: Type.Object({ items: Type.Array(AlarmInstructionItem) }),
  }),
  setInstruction: endpoint({
    id: "setAlarmInstruction",
    method: "PUT",
    path: `${API_BASE}/alarm-instructions/:kind`,
    tag,
    summary: "write the community's own instruction; without `text`, the default holds again",
    params: Type.Object({ kind: AlarmKindName }, closed),
    body: Type.Object({ ...seen, text: Type.Optional(Instruction) }, closed),
    response: AlarmInstructionItem,
  }),
} as const;
