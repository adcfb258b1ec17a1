import { ALARM_FINDINGS, DANGER_RANKS } from "@menshen/domain";
import type { Alarm, AlarmFinding, AlarmQuery, AlarmStep } from "@menshen/wire";
import { sql } from "kysely";
import { decodeCursor } from "../../database/cursor.ts";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";
import type { Directory } from "../directory/index.ts";
import { storedKind } from "./alarm-feed.store.ts";

type Row = Awaited<ReturnType<typeof selectRow>>;
/** An alarm with the position of its last change. */
export interface PositionedAlarm {
  readonly alarm: Alarm;
  readonly position: number;
}

/** Current ones are few: whoever has more has a problem that no list solves. */
const MOST_CURRENT = 500;

function from(db: Reader) {
  const nameOf = (column: "acknowledged_by" | "assigned_to" | "closed_by") =>
    sql<string | null>`(select display_name from staff where staff.id = alarm.${sql.ref(column)})`;
  return db
    .selectFrom("alarm")
    .selectAll("alarm")
    .select([
      nameOf("acknowledged_by").as("acknowledged_name"),
      nameOf("assigned_to").as("assigned_name"),
      nameOf("closed_by").as("closed_name"),
    ]);
}

async function selectRow(db: Reader, id: string) {
  return from(db).where("alarm.id", "=", id).executeTakeFirstOrThrow();
}

function alarmOf(row: Row, names: Directory): Alarm {
  const kind = storedKind(row.kind);
  const hand = (staffId: string | null, staffName: string | null, at: number | null) =>
    staffId === null || at === null ? undefined : { staffId, staffName: staffName ?? "", at };
  const closed = hand(row.closed_by, row.closed_name, row.closed_at);
  const portal = row.portal_id === null ? undefined : names.portals.get(row.portal_id);
  const reader = row.reader_id === null ? undefined : names.readers.get(row.reader_id);
  return {
    id: row.id,
    kind,
    rank: DANGER_RANKS[kind],
    gateId: row.gate_id,
    gateName: names.gates.get(row.gate_id) ?? "",
    ...optional("portalId", row.portal_id),
    ...optional("portalName", portal?.name),
    ...optional("readerId", row.reader_id),
    ...optional("readerName", reader?.name),
    firstAt: row.first_at,
    lastAt: row.last_at,
    receivedAt: row.received_at,
    count: row.count,
    late: row.late,
    ...optional("endedAt", row.ended_at),
    state: row.state,
    ...optional("reopenedAt", row.reopened_at),
    ...optional("acknowledged", hand(row.acknowledged_by, row.acknowledged_name, row.acknowledged_at)),
    ...optional("assigned", hand(row.assigned_to, row.assigned_name, row.assigned_at)),
    ...(closed === undefined
      ? {}
      : { closed: { ...closed, finding: findingOf(row.finding_code, row.finding_text) } }),
    revision: row.revision,
  };
}

function findingOf(code: string | null, text: string | null): AlarmFinding {
  const known = ALARM_FINDINGS.find((candidate) => candidate === code);
  if (known === undefined) throw new CommunityError("internal", "stored finding of an alarm is unknown");
  return { code: known, ...optional("text", text) };
}

export async function selectAlarm(db: Reader, id: string, names: Directory): Promise<Alarm | undefined> {
  const row = await from(db).where("alarm.id", "=", id).executeTakeFirst();
  return row && alarmOf(row, names);
}

function matching(query: AlarmQuery, withDuress: boolean) {
  const conditions = [
    ...(withDuress ? [] : [sql<boolean>`kind <> 'duress'`]),
    ...(query.kind === undefined ? [] : [sql<boolean>`kind = ${query.kind}`]),
    ...(query.portalId === undefined ? [] : [sql<boolean>`portal_id = ${query.portalId}`]),
    ...(query.gateId === undefined ? [] : [sql<boolean>`gate_id = ${query.gateId}`]),
  ];
  return sql<boolean>`(${sql.join([sql`true`, ...conditions], sql` and `)})`;
}

/** Those that are not closed: gravest first, then the one that rang last. */
export async function selectCurrent(
  db: Reader,
  query: AlarmQuery,
  withDuress: boolean,
  names: Directory,
): Promise<Alarm[]> {
  const rows = await from(db)
    .where("state", "<>", "closed")
    .where(matching(query, withDuress))
    .orderBy("position", "desc")
    .limit(MOST_CURRENT)
    .execute();
  return rows
    .map((row) => alarmOf(row, names))
    .toSorted((a, b) => a.rank - b.rank || b.lastAt - a.lastAt || (a.id < b.id ? -1 : 1));
}

/** Those that were closed, the last first; one more than `limit`. A call for help is in no list once it is over. */
export async function selectClosed(
  db: Reader,
  query: AlarmQuery,
  limit: number,
  names: Directory,
): Promise<readonly Alarm[]> {
  let select = from(db)
    .where("state", "=", "closed")
    .where(matching(query, false))
    .orderBy("closed_at", "desc")
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where(sql<boolean>`(closed_at, id) < (${moment(at)}, ${id})`);
  }
  return (await select.execute()).map((row) => alarmOf(row, names));
}

/** Alarms that changed after a position, in the order of their last change. */
export async function selectChangedAfter(
  db: Reader,
  position: number,
  limit: number,
  names: Directory,
): Promise<readonly PositionedAlarm[]> {
  const rows = await from(db).where("position", ">", position).orderBy("position").limit(limit).execute();
  return rows.map((row) => ({ alarm: alarmOf(row, names), position: row.position }));
}

/** What stands now, in the order of the last change. */
export async function selectStanding(db: Reader, names: Directory): Promise<readonly PositionedAlarm[]> {
  const rows = await from(db).where("state", "<>", "closed").orderBy("position").execute();
  return rows.map((row) => ({ alarm: alarmOf(row, names), position: row.position }));
}

/** What a person makes of an alarm; `null` takes something away. */
export interface AlarmUpdate {
  readonly state: Alarm["state"];
  readonly acknowledged?: { readonly staffId: string; readonly at: number };
  readonly assigned?: { readonly staffId: string; readonly at: number } | null;
  readonly closed?: { readonly staffId: string; readonly at: number; readonly finding: AlarmFinding } | null;
}

export async function updateAlarm(
  trx: Trx,
  id: string,
  position: number,
  update: AlarmUpdate,
): Promise<void> {
  const { state, acknowledged, assigned, closed } = update;
  await trx
    .updateTable("alarm")
    .set((eb) => ({
      state,
      position,
      revision: eb("revision", "+", 1),
      ...(acknowledged === undefined
        ? {}
        : { acknowledged_by: acknowledged.staffId, acknowledged_at: moment(acknowledged.at) }),
      ...(assigned === undefined
        ? {}
        : { assigned_to: assigned?.staffId ?? null, assigned_at: optionalMoment(assigned?.at) }),
      ...(closed === undefined
        ? {}
        : {
            closed_by: closed?.staffId ?? null,
            closed_at: optionalMoment(closed?.at),
            finding_code: closed?.finding.code ?? null,
            finding_text: closed?.finding.text ?? null,
          }),
    }))
    .where("id", "=", id)
    .execute();
}

const STEPS = ["rang-again", "acknowledged", "assigned", "unassigned", "closed", "reopened"] as const;

/** What was done about an alarm, in order; without its beginning and end. */
export async function selectSteps(db: Reader, id: string): Promise<AlarmStep[]> {
  const rows = await db
    .selectFrom("alarm_step as step")
    .leftJoin("staff as hand", "hand.id", "step.staff_id")
    .leftJoin("staff as assignee", "assignee.id", "step.assigned_to")
    .select([
      "step.at",
      "step.what",
      "hand.display_name as hand_name",
      "assignee.display_name as assignee_name",
    ])
    .where("step.alarm_id", "=", id)
    .orderBy("step.id")
    .execute();
  return rows.flatMap((row) => {
    const what = STEPS.find((candidate) => candidate === row.what);
    return what === undefined
      ? []
      : [
          {
            at: row.at,
            what,
            ...optional("staffName", row.hand_name),
            ...optional("assignedTo", row.assignee_name),
          },
        ];
  });
}

/** Staff with one of these roles; those with an open shift first. */
export async function selectAssignees(
  db: Reader,
  roles: readonly string[],
): Promise<{ staffId: string; staffName: string; onDuty: boolean }[]> {
  const { rows } = await sql<{ staffId: string; staffName: string; onDuty: boolean }>`
    select id as "staffId", display_name as "staffName",
      exists (select from shift where staff_id = staff.id and closed_at is null) as "onDuty"
    from staff where removed_at is null and roles && ${[...roles]}::text[]
    order by 3 desc, display_name, id`.execute(db);
  return rows;
}
