import type { HandOverNote, QueryOf, Shift, shiftEndpoints } from "@menshen/wire";
import { sql } from "kysely";
import { cutPage, decodeCursor } from "../../database/cursor.ts";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

const DEFAULT_LIMIT = 100;
/** Notes that stand are few: each is somebody's work. */
const MOST_STANDING = 200;

function fromShifts(db: Reader) {
  const end = sql`coalesce(shift.closed_at, 'infinity')`;
  // A call for help is in no count either: a number that is too high by one would tell of it.
  const alarms = (column: "received_at" | "closed_at") =>
    sql<number>`(select count(*) from alarm where kind <> 'duress'
      and alarm.${sql.ref(column)} >= shift.opened_at and alarm.${sql.ref(column)} < ${end})`;
  return db
    .selectFrom("shift")
    .innerJoin("staff", "staff.id", "shift.staff_id")
    .select([
      "shift.id",
      "shift.staff_id",
      "staff.display_name",
      "shift.opened_at",
      "shift.closed_at",
      "shift.revision",
      alarms("received_at").as("alarms_raised"),
      alarms("closed_at").as("alarms_closed"),
      sql<number>`(select count(*) from hand_over_note where shift_id = shift.id)`.as("notes_written"),
    ]);
}

type ShiftRow = Awaited<ReturnType<ReturnType<typeof fromShifts>["executeTakeFirstOrThrow"]>>;

function shiftOf(row: ShiftRow): Shift {
  return {
    id: row.id,
    staffId: row.staff_id,
    staffName: row.display_name,
    openedAt: row.opened_at,
    ...optional("closedAt", row.closed_at),
    counts: {
      alarmsRaised: row.alarms_raised,
      alarmsClosed: row.alarms_closed,
      notesWritten: row.notes_written,
    },
    revision: row.revision,
  };
}

export async function selectShift(db: Reader, id: string): Promise<Shift | undefined> {
  const row = await fromShifts(db).where("shift.id", "=", id).executeTakeFirst();
  return row && shiftOf(row);
}

export async function selectOpenShifts(db: Reader): Promise<Shift[]> {
  const rows = await fromShifts(db).where("shift.closed_at", "is", null).orderBy("shift.opened_at").execute();
  return rows.map(shiftOf);
}

/** A member of staff's own shift, locked until the end of the transaction; `undefined` if none is open. */
export async function lockOwnShift(
  trx: Trx,
  staffId: string,
): Promise<
  | {
      readonly id: string;
      readonly receptionSeenAt: number | undefined;
      readonly presenceSeenAt: number | undefined;
    }
  | undefined
> {
  const row = await trx
    .selectFrom("shift")
    .select(["id", "reception_seen_at", "presence_seen_at"])
    .where("staff_id", "=", staffId)
    .where("closed_at", "is", null)
    .forUpdate()
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      receptionSeenAt: row.reception_seen_at ?? undefined,
      presenceSeenAt: row.presence_seen_at ?? undefined,
    }
  );
}

export async function setReceptionSeen(trx: Trx, shiftId: string, at: number): Promise<void> {
  await trx
    .updateTable("shift")
    .set({ reception_seen_at: moment(at) })
    .where("id", "=", shiftId)
    .execute();
}

export async function setPresenceSeen(trx: Trx, shiftId: string, at: number): Promise<void> {
  await trx
    .updateTable("shift")
    .set({ presence_seen_at: moment(at) })
    .where("id", "=", shiftId)
    .execute();
}

export async function selectShifts(db: Reader, query: QueryOf<typeof shiftEndpoints.list>) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = fromShifts(db)
    .orderBy("shift.opened_at", "desc")
    .orderBy("shift.id", "desc")
    .limit(limit + 1);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where(sql<boolean>`(shift.opened_at, shift.id) < (${moment(at)}, ${id})`);
  }
  const page = cutPage(await select.execute(), limit, (row) => [row.opened_at, row.id]);
  return { items: page.rows.map(shiftOf), ...optional("nextCursor", page.nextCursor) };
}

export async function insertShift(trx: Trx, id: string, staffId: string, at: number): Promise<void> {
  await trx
    .insertInto("shift")
    .values({ id, staff_id: staffId, opened_at: moment(at) })
    .execute();
}

export async function closeShift(trx: Trx, id: string, at: number): Promise<void> {
  await trx
    .updateTable("shift")
    .set((eb) => ({ closed_at: moment(at), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

function fromNotes(db: Reader) {
  return db
    .selectFrom("hand_over_note as note")
    .innerJoin("staff as author", "author.id", "note.staff_id")
    .leftJoin("staff as settler", "settler.id", "note.settled_by")
    .leftJoin("portal", "portal.id", "note.portal_id")
    .selectAll("note")
    .select([
      "author.display_name as author_name",
      "settler.display_name as settler_name",
      "portal.name as portal_name",
    ]);
}

type NoteRow = Awaited<ReturnType<ReturnType<typeof fromNotes>["executeTakeFirstOrThrow"]>>;

function noteOf(row: NoteRow): HandOverNote {
  return {
    id: row.id,
    shiftId: row.shift_id,
    staffName: row.author_name,
    writtenAt: row.written_at,
    text: row.text,
    ...optional("portalId", row.portal_id),
    ...optional("portalName", row.portal_name),
    ...optional("alarmId", row.alarm_id),
    ...optional("settledAt", row.settled_at),
    ...optional("settledBy", row.settler_name),
    revision: row.revision,
  };
}

export async function selectNote(db: Reader, id: string): Promise<HandOverNote | undefined> {
  const row = await fromNotes(db).where("note.id", "=", id).executeTakeFirst();
  return row && noteOf(row);
}

/** Notes that nobody settled, the latest first. */
export async function selectStandingNotes(db: Reader): Promise<HandOverNote[]> {
  const rows = await fromNotes(db)
    .where("note.settled_at", "is", null)
    .orderBy("note.written_at", "desc")
    .orderBy("note.id", "desc")
    .limit(MOST_STANDING)
    .execute();
  return rows.map(noteOf);
}

export async function selectNotes(db: Reader, query: QueryOf<typeof shiftEndpoints.list>, settled: boolean) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = fromNotes(db)
    .where("note.settled_at", settled ? "is not" : "is", null)
    .orderBy("note.written_at", "desc")
    .orderBy("note.id", "desc")
    .limit(limit + 1);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where(sql<boolean>`(note.written_at, note.id) < (${moment(at)}, ${id})`);
  }
  const page = cutPage(await select.execute(), limit, (row) => [row.written_at, row.id]);
  return { items: page.rows.map(noteOf), ...optional("nextCursor", page.nextCursor) };
}

export async function insertNote(
  trx: Trx,
  note: {
    readonly id: string;
    readonly shiftId: string;
    readonly staffId: string;
    readonly at: number;
    readonly text: string;
    readonly portalId: string | undefined;
    readonly alarmId: string | undefined;
  },
): Promise<void> {
  await trx
    .insertInto("hand_over_note")
    .values({
      id: note.id,
      shift_id: note.shiftId,
      staff_id: note.staffId,
      written_at: moment(note.at),
      text: note.text,
      portal_id: note.portalId ?? null,
      alarm_id: note.alarmId ?? null,
    })
    .execute();
}

export async function lockNote(trx: Trx, id: string): Promise<HandOverNote | undefined> {
  await trx.selectFrom("hand_over_note").select("id").where("id", "=", id).forUpdate().execute();
  return selectNote(trx, id);
}

export async function setSettled(
  trx: Trx,
  id: string,
  settled: { readonly staffId: string; readonly at: number } | undefined,
): Promise<void> {
  await trx
    .updateTable("hand_over_note")
    .set((eb) => ({
      settled_at: settled === undefined ? null : moment(settled.at),
      settled_by: settled?.staffId ?? null,
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
}

/** Deletes notes settled before one moment, and shifts that ended before another, with all their notes. */
export async function deleteOldShifts(db: Reader, settledBefore: number, endedBefore: number): Promise<void> {
  await db.deleteFrom("hand_over_note").where("settled_at", "<", moment(settledBefore)).execute();
  await db.deleteFrom("shift").where("closed_at", "<", moment(endedBefore)).execute();
}
