import { MAX_NAMED_DAYS } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { NAMING_SCOPES } from "../gate-link/naming-scopes.ts";
import { API_BASE, EpochMs, hexBytes, IdParams, LocalDateText, NameText, NoContent, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const NAMING = `${API_BASE}/naming`;

/** Names are asked for of at most this many entries at once. */
export const MAX_NAMES = 100;

/**
 * How a decision stands:
 * - `waiting`: a motion that nobody has confirmed; it names nobody;
 * - `announced`: not begun, or not yet in a published checkpoint of the evidence log;
 * - `in-force`, `ended`, `withdrawn`.
 */
export const NAMING_STATES = ["waiting", "announced", "in-force", "ended", "withdrawn"] as const;
export type NamingState = (typeof NAMING_STATES)[number];

/** How a member of staff was told that they are named. */
export const TOLD_HOW = ["in-writing", "in-person", "contract"] as const;
export type ToldHow = (typeof TOLD_HOW)[number];

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Measure = Type.Object({ total: Count, voted: Count, inFavour: Count }, closed);

/** A vote by both measures of the Civil Code; area in square decimetres. */
export const OwnersVoteFields = Type.Object({ heads: Measure, areaDm2: Measure }, closed);

const Days = Type.Integer({
  minimum: 1,
  maximum: MAX_NAMED_DAYS,
  description: "days after which a day's names open to nobody any more",
});
const ParagraphText = Type.String({
  minLength: 1,
  maxLength: 2_000,
  pattern: "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f]+$",
});

const motionFields = {
  title: NameText,
  documentNumber: NameText,
  /** SHA-256 of the minutes. */
  minutesSha256: hexBytes(32, 32),
  votedOn: LocalDateText,
  vote: OwnersVoteFields,
};

export const NamingDecision = Type.Object({
  id: Uuid,
  scope: Type.Enum([...NAMING_SCOPES]),
  state: Type.Enum([...NAMING_STATES]),
  days: Days,
  /** Nobody is named before; later than what was decided if the announcement was late. */
  from: EpochMs,
  until: Type.Optional(EpochMs),
  /** Staff: what they are told. */
  notice: Type.Optional(Type.String()),
  /** Everyone: the motion. */
  motion: Type.Optional(Type.Object(motionFields)),
  recordedAt: EpochMs,
  recordedBy: Type.String(),
  confirmedAt: Type.Optional(EpochMs),
  confirmedBy: Type.Optional(Type.String()),
  withdrawnAt: Type.Optional(EpochMs),
  withdrawnBy: Type.Optional(Type.String()),
  /** Since when it stands in a published checkpoint of the evidence log. */
  announcedAt: Type.Optional(EpochMs),
});
export type NamingDecision = Static<typeof NamingDecision>;

export const StaffNaming = Type.Object(
  {
    days: Days,
    /** Absent: at once. */
    from: Type.Optional(EpochMs),
    notice: ParagraphText,
  },
  closed,
);
export type StaffNaming = Static<typeof StaffNaming>;

export const NamingMotion = Type.Object(
  { ...motionFields, days: Days, from: EpochMs, until: EpochMs },
  closed,
);
export type NamingMotion = Static<typeof NamingMotion>;

export const Told = Type.Object({ on: LocalDateText, how: Type.Enum([...TOLD_HOW]) }, closed);
export type Told = Static<typeof Told>;

/** Somebody who works here and lives nowhere here: named if they were told. */
export const NameableStaff = Type.Object({
  personId: Uuid,
  name: Type.String(),
  told: Type.Optional(Told),
});
export type NameableStaff = Static<typeof NameableStaff>;

export const EntryName = Type.Object({
  gateId: Uuid,
  sequence: Type.Integer({ minimum: 1 }),
  personId: Uuid,
  name: Type.String(),
});
export type EntryName = Static<typeof EntryName>;

/** What residents read of a decision to name everyone. */
export const NamingNotice = Type.Object({
  from: EpochMs,
  until: EpochMs,
  days: Days,
  title: Type.String(),
  documentNumber: Type.String(),
  inForce: Type.Boolean(),
});
export type NamingNotice = Static<typeof NamingNotice>;

/** `GATE.SEQUENCE` of each entry, comma-separated. */
const ENTRY = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.[1-9][0-9]{0,15}";
const EntryList = Type.String({
  pattern: `^${ENTRY}(,${ENTRY})*$`,
  maxLength: MAX_NAMES * 54,
});

/** The query's value for entries. */
export function encodeEntryList(
  entries: readonly { readonly gateId: string; readonly sequence: number }[],
): string {
  return entries.map(({ gateId, sequence }) => `${gateId}.${sequence}`).join(",");
}

export const namingEndpoints = {
  list: endpoint({
    id: "listNamingDecisions",
    method: "GET",
    path: NAMING,
    tag: "naming",
    summary: "whom the community names to its duty desk, and what was decided before, newest first",
    response: Type.Object({ items: Type.Array(NamingDecision) }),
  }),
  nameStaff: endpoint({
    id: "nameStaff",
    method: "POST",
    path: `${NAMING}/staff`,
    tag: "naming",
    summary: "name members of staff who were told; stands in the evidence log",
    body: StaffNaming,
    response: NamingDecision,
    status: 201,
    reason: "required",
  }),
  recordMotion: endpoint({
    id: "recordNamingMotion",
    method: "POST",
    path: `${NAMING}/motions`,
    tag: "naming",
    summary: "record a motion, passed by the owners, to name everyone; somebody else must confirm it",
    body: NamingMotion,
    response: NamingDecision,
    status: 201,
    reason: "required",
  }),
  confirm: endpoint({
    id: "confirmNamingMotion",
    method: "POST",
    path: `${NAMING}/:id/confirmation`,
    tag: "naming",
    summary: "confirm a motion that somebody else recorded; stands in the evidence log",
    params: IdParams,
    response: NamingDecision,
    reason: "required",
  }),
  withdraw: endpoint({
    id: "withdrawNaming",
    method: "POST",
    path: `${NAMING}/:id/withdrawal`,
    tag: "naming",
    summary: "end a decision at once and destroy its keys; stands in the evidence log",
    params: IdParams,
    response: NamingDecision,
    reason: "required",
  }),
  staff: endpoint({
    id: "listNameableStaff",
    method: "GET",
    path: `${NAMING}/people`,
    tag: "naming",
    summary: "people who work here and live nowhere here, and whether they were told",
    response: Type.Object({ items: Type.Array(NameableStaff) }),
    shows: { what: "list", reason: "required" },
  }),
  tell: endpoint({
    id: "recordTold",
    method: "PUT",
    path: `${NAMING}/people/:id`,
    tag: "naming",
    summary: "record that somebody who works here was told",
    params: IdParams,
    body: Told,
    response: NoContent,
  }),
  untell: endpoint({
    id: "removeTold",
    method: "DELETE",
    path: `${NAMING}/people/:id`,
    tag: "naming",
    summary: "take that back: they are not named any more",
    params: IdParams,
    response: NoContent,
  }),
  names: endpoint({
    id: "readEntryNames",
    method: "GET",
    path: `${API_BASE}/events/names`,
    tag: "naming",
    summary: `names of entries that are named to the duty desk, of ${MAX_NAMES} at most; others are left out`,
    query: Type.Object({ entries: EntryList }, closed),
    response: Type.Object({ items: Type.Array(EntryName) }),
    shows: { what: "passage", reason: "required" },
  }),
  notices: endpoint({
    id: "listNamingNotices",
    method: "GET",
    path: `${API_BASE}/resident/naming`,
    tag: "resident",
    summary: "decisions to name everyone that are in force or were announced",
    response: Type.Object({ items: Type.Array(NamingNotice) }),
  }),
} as const;
