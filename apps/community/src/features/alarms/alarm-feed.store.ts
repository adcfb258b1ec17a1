import { type AlarmKind, parseAlarmKind } from "@menshen/domain";
import { type Selectable, sql } from "kysely";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import type { AlarmTable } from "../../database/guard-tables.ts";
import { CommunityError } from "../../errors.ts";
import type { AlarmFacts } from "./fold-signals.ts";

/** How long a closed alarm keeps a gate's report of before from raising the same again. */
const LATELY_MS = 3_600_000;

/** Where the following of journals stands, and the position of the last change. */
export interface FeedState {
  readonly followed: number;
  readonly last: number;
}

/**
 * Takes the lock that orders all changes of alarms. Whoever changes one takes it first and holds it to the commit.
 */
export async function lockFeed(trx: Trx): Promise<FeedState> {
  return trx.selectFrom("alarm_feed").select(["followed", "last"]).forUpdate().executeTakeFirstOrThrow();
}

export async function writeFeed(trx: Trx, feed: FeedState): Promise<void> {
  await trx.updateTable("alarm_feed").set(feed).execute();
}

/** Position of the last change, 0 for none. */
export async function selectLastChange(db: Reader): Promise<number> {
  return (await db.selectFrom("alarm_feed").select("last").executeTakeFirstOrThrow()).last;
}

/** Alarms at these places that a signal may be about. */
export async function selectToFold(
  trx: Trx,
  places: readonly string[],
  now: number,
): Promise<readonly AlarmFacts[]> {
  if (places.length === 0) return [];
  const rows = await trx
    .selectFrom("alarm")
    .selectAll()
    .where("place", "in", [...places])
    .where((eb) =>
      eb.or([
        eb("state", "<>", "closed"),
        eb("ended_at", "is", null),
        eb("closed_at", ">", moment(now - LATELY_MS)),
      ]),
    )
    .execute();
  return rows.map(factsOf);
}

/** Alarms that last, of a gate. */
export async function selectLasting(trx: Trx, gateIds: readonly string[]): Promise<readonly AlarmFacts[]> {
  if (gateIds.length === 0) return [];
  const rows = await trx
    .selectFrom("alarm")
    .selectAll()
    .where("gate_id", "in", [...gateIds])
    .where("ended_at", "is", null)
    .execute();
  return rows.map(factsOf);
}

/** Gates that alarms which last are about. */
export async function selectGatesOfLasting(db: Reader): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("alarm")
    .select("gate_id")
    .distinct()
    .where("ended_at", "is", null)
    .execute();
  return rows.map((row) => row.gate_id);
}

function factsOf(row: Selectable<AlarmTable>): AlarmFacts {
  return {
    id: row.id,
    kind: storedKind(row.kind),
    place: row.place,
    gateId: row.gate_id,
    portalId: row.portal_id ?? undefined,
    readerId: row.reader_id ?? undefined,
    firstAt: row.first_at,
    lastAt: row.last_at,
    receivedAt: row.received_at,
    count: row.count,
    late: row.late,
    fromState: row.from_state,
    endedAt: row.ended_at ?? undefined,
    state: row.state,
    reopenedAt: row.reopened_at ?? undefined,
  };
}

export function storedKind(text: string): AlarmKind {
  const kind = parseAlarmKind(text);
  if (kind === undefined) throw new CommunityError("internal", "stored kind of an alarm is unknown");
  return kind;
}

/**
 * Writes what signals made of an alarm, new or not. One that rings again is nobody's acknowledged any more, and whoever
 * acts on it must have seen that.
 */
export async function putFacts(
  trx: Trx,
  alarm: AlarmFacts,
  position: number,
  rangAgain: boolean,
): Promise<void> {
  const facts = {
    first_at: moment(alarm.firstAt),
    last_at: moment(alarm.lastAt),
    count: alarm.count,
    late: alarm.late,
    from_state: alarm.fromState,
    ended_at: optionalMoment(alarm.endedAt),
    state: alarm.state,
    reopened_at: optionalMoment(alarm.reopenedAt),
    position,
  };
  const { numUpdatedRows } = await trx
    .updateTable("alarm")
    .set((eb) => ({
      ...facts,
      ...(rangAgain
        ? { acknowledged_by: null, acknowledged_at: null, revision: eb("revision", "+", 1) }
        : {}),
    }))
    .where("id", "=", alarm.id)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) {
    await trx
      .insertInto("alarm")
      .values({
        id: alarm.id,
        kind: alarm.kind,
        gate_id: alarm.gateId,
        portal_id: alarm.portalId ?? null,
        reader_id: alarm.readerId ?? null,
        place: alarm.place,
        received_at: moment(alarm.receivedAt),
        ...facts,
      })
      .execute();
  }
  if (rangAgain)
    await insertStep(trx, { alarmId: alarm.id, at: alarm.reopenedAt ?? alarm.lastAt, what: "rang-again" });
}

export async function insertStep(
  trx: Trx,
  step: {
    readonly alarmId: string;
    readonly at: number;
    readonly what: string;
    readonly staffId?: string;
    readonly assignedTo?: string;
  },
): Promise<void> {
  await trx
    .insertInto("alarm_step")
    .values({
      alarm_id: step.alarmId,
      at: moment(step.at),
      what: step.what,
      staff_id: step.staffId ?? null,
      assigned_to: step.assignedTo ?? null,
    })
    .execute();
}

/** Deletes closed alarms that are over since before `before`, and those of `kind` since before `beforeOfKind`. */
export async function deleteOldAlarms(
  db: Reader,
  before: number,
  kind: AlarmKind,
  beforeOfKind: number,
): Promise<void> {
  await sql`delete from alarm where state = 'closed' and (
    closed_at < ${moment(before)} or (kind = ${kind} and ended_at is not null and closed_at < ${moment(beforeOfKind)})
  )`.execute(db);
}
