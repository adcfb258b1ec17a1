import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, PageFields, pageOf, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const NoteText = Type.String({ minLength: 1, maxLength: 1_000 });

/** A member of staff's time on duty. Several may be on duty at once; nobody has two shifts at once. */
export const Shift = Type.Object({
  id: Uuid,
  staffId: Uuid,
  staffName: Type.String(),
  openedAt: EpochMs,
  closedAt: Type.Optional(EpochMs),
  /** What happened in it, counted. */
  counts: Type.Object({
    alarmsRaised: Type.Integer(),
    alarmsClosed: Type.Integer(),
    notesWritten: Type.Integer(),
  }),
  revision: Revision,
});
export type Shift = Static<typeof Shift>;

/** What the next shift must know. Stands until somebody settles it. */
export const HandOverNote = Type.Object({
  id: Uuid,
  shiftId: Uuid,
  staffName: Type.String(),
  writtenAt: EpochMs,
  text: Type.String(),
  /** The door or the alarm it is about. */
  portalId: Type.Optional(Uuid),
  portalName: Type.Optional(Type.String()),
  alarmId: Type.Optional(Uuid),
  settledAt: Type.Optional(EpochMs),
  settledBy: Type.Optional(Type.String()),
  revision: Revision,
});
export type HandOverNote = Static<typeof HandOverNote>;

export const HandOverNoteCreate = Type.Object(
  { text: NoteText, portalId: Type.Optional(Uuid), alarmId: Type.Optional(Uuid) },
  closed,
);
export type HandOverNoteCreate = Static<typeof HandOverNoteCreate>;

const tag = "shifts";
const notes = `${API_BASE}/hand-over-notes`;

export const shiftEndpoints = {
  list: endpoint({
    id: "listShifts",
    method: "GET",
    path: `${API_BASE}/shifts`,
    tag,
    summary: "shifts, the latest first",
    query: Type.Object(PageFields, closed),
    response: pageOf(Shift),
  }),
  /** What the guard's screen shows first. */
  current: endpoint({
    id: "getCurrentShifts",
    method: "GET",
    path: `${API_BASE}/current-shifts`,
    tag,
    summary: "one's own shift, who else is on duty, and the notes that stand",
    response: Type.Object({
      own: Type.Optional(Shift),
      others: Type.Array(Shift),
      notes: Type.Array(HandOverNote),
    }),
  }),
  open: endpoint({
    id: "openShift",
    method: "POST",
    path: `${API_BASE}/shifts`,
    tag,
    summary: "begin one's shift; answers with the notes that stand; `conflict` if one's last is still open",
    response: Type.Object({ shift: Shift, notes: Type.Array(HandOverNote) }),
    status: 201,
  }),
  close: endpoint({
    id: "closeShift",
    method: "POST",
    path: `${API_BASE}/shifts/:id/close`,
    tag,
    summary: "end a shift, with a last note if there is something to say; another's only by who sets alarms",
    params: IdParams,
    body: Type.Object({ revision: Revision, note: Type.Optional(NoteText) }, closed),
    response: Shift,
  }),
} as const;

export const handOverNoteEndpoints = {
  list: endpoint({
    id: "listHandOverNotes",
    method: "GET",
    path: notes,
    tag,
    summary: "hand-over notes, the latest first: those that stand, or those that are settled",
    query: Type.Object({ ...PageFields, state: Type.Optional(Type.Enum(["standing", "settled"])) }, closed),
    response: pageOf(HandOverNote),
  }),
  create: endpoint({
    id: "writeHandOverNote",
    method: "POST",
    path: notes,
    tag,
    summary: "write a note; needs an open shift of one's own",
    body: HandOverNoteCreate,
    response: HandOverNote,
    status: 201,
  }),
  settle: endpoint({
    id: "settleHandOverNote",
    method: "POST",
    path: `${notes}/:id/settle`,
    tag,
    summary: "say that it is done",
    params: IdParams,
    body: Type.Object({ revision: Revision }, closed),
    response: HandOverNote,
  }),
  unsettle: endpoint({
    id: "unsettleHandOverNote",
    method: "POST",
    path: `${notes}/:id/unsettle`,
    tag,
    summary: "take that back",
    params: IdParams,
    body: Type.Object({ revision: Revision }, closed),
    response: HandOverNote,
  }),
} as const;
