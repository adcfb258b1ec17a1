import Type, { type Static } from "typebox";
import { VISIT_PURPOSES } from "../pass/visit-purposes.ts";
import { API_BASE, EpochMs, hexBytes, IdParams, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const tag = "reception";
const PassIdText = hexBytes(8, 8);

/** A visitor pass of the desk that opens something today. Those that residents sign are not known to the community. */
export const ExpectedVisit = Type.Object({
  passId: PassIdText,
  dwellingId: Uuid,
  /** With its building. */
  dwellingName: Type.String(),
  purpose: Type.Enum([...VISIT_PURPOSES]),
  notBefore: EpochMs,
  notAfter: EpochMs,
  /** Local time of the community, if only at some. */
  windows: Type.Array(Type.Object({ startMinute: Type.Integer(), endMinute: Type.Integer() })),
  /** A visit with this pass that is checked in. */
  visitId: Type.Optional(Uuid),
});
export type ExpectedVisit = Static<typeof ExpectedVisit>;

/** Visitors who went in by the reception: where to, what for, how many. No name, no number, no telephone. */
export const Visit = Type.Object({
  id: Uuid,
  dwellingId: Uuid,
  dwellingName: Type.String(),
  purpose: Type.Enum([...VISIT_PURPOSES]),
  persons: Type.Integer({ minimum: 1, maximum: 50 }),
  passId: Type.Optional(PassIdText),
  checkedInAt: EpochMs,
  /** When they should be out. */
  expectedUntil: EpochMs,
  checkedOutAt: Type.Optional(EpochMs),
  /** Still inside after `expectedUntil`, as far as the reception knows. */
  overstay: Type.Boolean(),
  revision: Revision,
});
export type Visit = Static<typeof Visit>;

export const VisitCheckIn = Type.Object(
  {
    dwellingId: Uuid,
    purpose: Type.Enum([...VISIT_PURPOSES]),
    persons: Type.Integer({ minimum: 1, maximum: 50 }),
    /** Of the day's list, if they come by one; its dwelling is theirs. */
    passId: Type.Optional(PassIdText),
    /** Absent: the pass's end, or as long from now as the settings say. At most 24 h ahead. */
    expectedUntil: Type.Optional(EpochMs),
  },
  closed,
);
export type VisitCheckIn = Static<typeof VisitCheckIn>;

const receptionSettings = {
  /** Days for which a visit is kept after it. */
  retentionDays: Type.Integer({ minimum: 1, maximum: 30 }),
  /** How long a visit without a pass is expected to last. */
  usualMinutes: Type.Integer({ minimum: 15, maximum: 1_440 }),
};
export const ReceptionSettings = Type.Object({ ...receptionSettings, revision: Revision });
export type ReceptionSettings = Static<typeof ReceptionSettings>;
export const ReceptionSettingsChange = Type.Object({ ...receptionSettings, revision: Revision }, closed);
export type ReceptionSettingsChange = Static<typeof ReceptionSettingsChange>;

/**
 * All of it but the settings needs an open shift of one's own (`conflict` otherwise): that the list was looked at is
 * recorded once a shift.
 */
export const receptionEndpoints = {
  today: endpoint({
    id: "getReception",
    method: "GET",
    path: `${API_BASE}/reception`,
    tag,
    summary: "who is expected today, who is inside (overstays first), and who left today",
    response: Type.Object({
      at: EpochMs,
      expected: Type.Array(ExpectedVisit),
      inside: Type.Array(Visit),
      left: Type.Array(Visit),
    }),
  }),
  dwellings: endpoint({
    id: "searchReceptionDwellings",
    method: "GET",
    path: `${API_BASE}/reception/dwellings`,
    tag,
    summary:
      "dwellings whose name (with its building) contains a text, at most 20; nothing of who lives there",
    query: Type.Object({ text: Type.String({ minLength: 1, maxLength: 40 }) }, closed),
    response: Type.Object({ items: Type.Array(Type.Object({ dwellingId: Uuid, name: Type.String() })) }),
  }),
  checkIn: endpoint({
    id: "checkInVisit",
    method: "POST",
    path: `${API_BASE}/reception/visits`,
    tag,
    summary: "let visitors in; no identity number is asked for",
    body: VisitCheckIn,
    bodyLimitBytes: 4_096,
    response: Visit,
    status: 201,
  }),
  checkOut: endpoint({
    id: "checkOutVisit",
    method: "POST",
    path: `${API_BASE}/reception/visits/:id/check-out`,
    tag,
    summary: "they left",
    params: IdParams,
    body: Type.Object({ revision: Revision }, closed),
    response: Visit,
  }),
  undoCheckOut: endpoint({
    id: "undoCheckOutVisit",
    method: "POST",
    path: `${API_BASE}/reception/visits/:id/undo-check-out`,
    tag,
    summary: "they are still inside",
    params: IdParams,
    body: Type.Object({ revision: Revision }, closed),
    response: Visit,
  }),
  settings: endpoint({
    id: "getReceptionSettings",
    method: "GET",
    path: `${API_BASE}/reception-settings`,
    tag,
    summary: "how long visits are kept, and usually last",
    response: ReceptionSettings,
  }),
  changeSettings: endpoint({
    id: "changeReceptionSettings",
    method: "PUT",
    path: `${API_BASE}/reception-settings`,
    tag,
    summary: "set how long visits are kept; stands in the evidence log",
    body: ReceptionSettingsChange,
    response: ReceptionSettings,
    reason: "required",
  }),
} as const;
