import { GateId, Instant, REASON_TEXTS, type ReasonCode } from "@menshen/domain";
import { type EventQuery, GATE_EVENTS, PORTAL_EVENTS, READER_EVENTS, reasonNumber } from "@menshen/wire";
import { sql } from "kysely";
import { decodeCursor } from "../../database/cursor.ts";
import { moment, type Reader } from "../../database/database.ts";
import type { EventTable } from "../../database/tables.ts";
import { EVENT_KIND_NUMBERS, readStoredEntry, type StoredEvent } from "../../gate-link/index.ts";

const COLUMNS = ["position", "gate_id", "sequence", "at", "received_at", "entry"] as const;
type Row = Pick<EventTable, (typeof COLUMNS)[number]>;

function storedEvent(row: Row): StoredEvent {
  return {
    position: row.position,
    gateId: GateId(row.gate_id),
    sequence: row.sequence,
    at: Instant(row.at),
    receivedAt: Instant(row.received_at),
    entry: readStoredEntry(row.entry),
  };
}

/** Newest first, one more than `limit`. */
export async function selectEvents(
  db: Reader,
  query: EventQuery,
  limit: number,
): Promise<readonly StoredEvent[]> {
  let select = db
    .selectFrom("event")
    .select(COLUMNS)
    .orderBy("at", "desc")
    .orderBy("position", "desc")
    .limit(limit + 1);
  if (query.gateId !== undefined) select = select.where("gate_id", "=", query.gateId);
  if (query.accessPointId !== undefined) select = select.where("subject", "=", query.accessPointId);
  if (query.portalId !== undefined) {
    const subjects = await subjectsOfPortal(db, query.portalId);
    select = select.where("subject", "in", subjects);
  }
  if (query.kind !== undefined) select = select.where("kind", "=", EVENT_KIND_NUMBERS[query.kind]);
  if (query.outcome !== undefined) select = select.where("granted", "=", query.outcome === "granted");
  if (query.reason !== undefined) select = select.where("reason", "=", numberOfReason(query.reason));
  if (query.event !== undefined) {
    const named = eventNumbers(query.event);
    select = select.where((eb) =>
      eb.or([eb.lit(false), ...named.map(([kind, event]) => eb.and({ kind, event }))]),
    );
  }
  if (query.from !== undefined) select = select.where("at", ">=", moment(query.from));
  if (query.until !== undefined) select = select.where("at", "<", moment(query.until));
  if (query.cursor !== undefined) {
    const [at, position] = decodeCursor(query.cursor, ["number", "number"]);
    select = select
      // The first condition alone lets whole months be left out.
      .where("at", "<=", moment(at))
      .where((eb) => eb(eb.refTuple("at", "position"), "<", eb.tuple(moment(at), eb.val(position))));
  }
  return (await select.execute()).map(storedEvent);
}

export async function selectEvent(
  db: Reader,
  gateId: string,
  sequence: number,
): Promise<StoredEvent | undefined> {
  const row = await db
    .selectFrom("event")
    .select(COLUMNS)
    .where("gate_id", "=", gateId)
    .where("sequence", "=", sequence)
    .executeTakeFirst();
  return row && storedEvent(row);
}

/** A portal, its access points and the readers at them: all that events of one door may be about. */
async function subjectsOfPortal(db: Reader, portalId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select ${portalId}::uuid as id
    union select id from access_point where portal_id = ${portalId}
    union select reader.id from reader
      join access_point on access_point.id = reader.access_point_id where access_point.portal_id = ${portalId}`.execute(
    db,
  );
  return rows.map((row) => row.id);
}

/** −1 for a code that is none: nothing matches it. */
function numberOfReason(text: string): number {
  return isReasonCode(text) ? reasonNumber(text) : -1;
}

function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(REASON_TEXTS.en, text);
}

function eventNumbers(name: string): readonly (readonly [kind: number, event: number])[] {
  const lists = [
    [EVENT_KIND_NUMBERS.portal, PORTAL_EVENTS],
    [EVENT_KIND_NUMBERS.reader, READER_EVENTS],
    [EVENT_KIND_NUMBERS.gate, GATE_EVENTS],
  ] as const;
  return lists.flatMap(([kind, names]) => {
    const candidates: readonly string[] = names;
    const event = candidates.indexOf(name);
    return event < 0 ? [] : [[kind, event] as const];
  });
}

/** When each portal last had an event of its own. */
export async function selectLastPortalEvents(
  db: Reader,
  portalIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (portalIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; at: number }>`
    select portal.id, last.at from unnest(${[...portalIds]}::uuid[]) as portal(id)
    cross join lateral (
      select at from event where subject = portal.id order by at desc limit 1
    ) as last`.execute(db);
  return new Map(rows.map((row) => [row.id, row.at]));
}

/** Names of rules and their schedules, removed ones too. */
export async function selectRuleNames(
  db: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly name: string; readonly scheduleName: string | undefined }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("access_rule")
    .leftJoin("schedule", "schedule.id", "access_rule.schedule_id")
    .select(["access_rule.id", "access_rule.name", "schedule.name as schedule_name"])
    .where("access_rule.id", "in", [...ids])
    .execute();
  return new Map(
    rows.map((row) => [row.id, { name: row.name, scheduleName: row.schedule_name ?? undefined }]),
  );
}
