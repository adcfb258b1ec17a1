import {
  INCIDENT_GRADES,
  INCIDENT_KINDS,
  INCIDENT_TOPICS,
  type IncidentInput,
  IncidentTarget,
  type IncidentWords,
  NOTICE_ITEMS,
  REPORT_AUTHORITIES,
  type ReportAuthority,
  type ReportSettings,
} from "@menshen/wire";
import { sql } from "kysely";
import Type from "typebox";
import { Value } from "typebox/value";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";
import { known } from "../../view-record/index.ts";
import type { StoredClock } from "./report-clocks.ts";

const Targets = Type.Array(IncidentTarget);
const TELLINGS = ["undecided", "told", "not-needed"] as const;

function select(db: Reader) {
  return db.selectFrom("incident").selectAll().orderBy("opened_at", "desc").orderBy("id");
}

/** An incident as stored. Times in Unix milliseconds. */
export type StoredIncident = ReturnType<typeof incidentOf>;

function incidentOf(row: Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number]) {
  if (!Value.Check(Targets, row.targets)) throw new CommunityError("internal", "stored targets are none");
  const { override_authority: authority, override_document: documentNumber } = row;
  const words = NOTICE_ITEMS.flatMap((item) => (row[item] === null ? [] : [[item, row[item]] as const]));
  return {
    id: row.id,
    kind: known(INCIDENT_KINDS, row.kind),
    grade: known(INCIDENT_GRADES, row.grade),
    targets: row.targets,
    from: row.from_at,
    ...optional("until", row.until_at),
    openedAt: row.opened_at,
    words: Object.fromEntries(words),
    telling: known(TELLINGS, row.telling),
    ...optional("notTelling", row.not_telling_why),
    ...(authority === null || documentNumber === null ? {} : { override: { authority, documentNumber } }),
    ...optional("publishedAt", row.published_at),
    affected: row.affected_count,
  };
}

/** Newest first. */
export async function selectIncidents(db: Reader): Promise<readonly StoredIncident[]> {
  return (await select(db).execute()).map(incidentOf);
}

export async function selectIncident(db: Reader, id: string): Promise<StoredIncident | undefined> {
  const row = await select(db).where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : incidentOf(row);
}

/** Locked until the end of the transaction. */
export async function lockIncident(trx: Trx, id: string): Promise<StoredIncident | undefined> {
  const row = await select(trx).where("id", "=", id).forUpdate().executeTakeFirst();
  return row === undefined ? undefined : incidentOf(row);
}

export async function insertIncident(
  trx: Trx,
  id: string,
  input: IncidentInput,
  opened: { readonly at: number; readonly staffId: string | undefined; readonly affected: number },
): Promise<void> {
  await trx
    .insertInto("incident")
    .values({
      id,
      kind: input.kind,
      grade: input.grade,
      targets: JSON.stringify(input.targets),
      from_at: moment(input.from),
      until_at: optionalMoment(input.until),
      opened_at: moment(opened.at),
      opened_by: opened.staffId ?? null,
      cause: input.cause ?? null,
      harm: input.harm ?? null,
      remedies: input.remedies ?? null,
      advice: input.advice ?? null,
      contact: input.contact ?? null,
      not_telling_why: null,
      override_authority: null,
      override_document: null,
      notice_id: null,
      affected_count: opened.affected,
    })
    .execute();
}

export async function insertAffected(
  trx: Trx,
  id: string,
  affected: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  for (const [personId, data] of affected) {
    await trx
      .insertInto("incident_affected")
      .values({ incident_id: id, person_id: personId, data: [...data].toSorted() })
      .execute();
  }
}

export async function selectAffectedIds(db: Reader, id: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("incident_affected")
    .select("person_id")
    .where("incident_id", "=", id)
    .execute();
  return rows.map((row) => row.person_id);
}

/** How many people by kind of data, as far as they are not erased. */
export async function selectDataCounts(db: Reader, id: string) {
  const { rows } = await sql<{ data: string; persons: number }>`
    select kind as data, count(*) as persons from incident_affected, unnest(data) as kind
    where incident_id = ${id}::uuid group by kind order by kind`.execute(db);
  return rows;
}

export async function updateWords(trx: Trx, id: string, words: IncidentWords): Promise<void> {
  if (Object.keys(words).length === 0) return;
  await trx.updateTable("incident").set(words).where("id", "=", id).execute();
}

export async function updateTelling(
  trx: Trx,
  id: string,
  told:
    | { readonly telling: "told"; readonly noticeId: string | undefined }
    | { readonly telling: "not-needed"; readonly why: string },
): Promise<void> {
  const fields =
    told.telling === "told" ? { notice_id: told.noticeId ?? null } : { not_telling_why: told.why };
  await trx
    .updateTable("incident")
    .set({ telling: told.telling, ...fields })
    .where("id", "=", id)
    .execute();
}

export async function updateOverride(
  trx: Trx,
  id: string,
  { authority, documentNumber }: { readonly authority: string; readonly documentNumber: string },
): Promise<void> {
  await trx
    .updateTable("incident")
    .set({ override_authority: authority, override_document: documentNumber })
    .where("id", "=", id)
    .execute();
}

export async function updatePublished(trx: Trx, id: string, at: number): Promise<void> {
  await trx
    .updateTable("incident")
    .set({ published_at: moment(at) })
    .where("id", "=", id)
    .execute();
}

export async function insertClock(
  trx: Trx,
  id: string,
  clock: Pick<StoredClock, "authority" | "startedAt" | "dueAt">,
): Promise<void> {
  await trx
    .insertInto("incident_clock")
    .values({
      incident_id: id,
      authority: clock.authority,
      started_at: moment(clock.startedAt),
      due_at: moment(clock.dueAt),
    })
    .onConflict((conflict) => conflict.columns(["incident_id", "authority"]).doNothing())
    .execute();
}

export async function selectClocks(db: Reader, id: string): Promise<readonly StoredClock[]> {
  const rows = await db
    .selectFrom("incident_clock")
    .selectAll()
    .where("incident_id", "=", id)
    .orderBy("due_at")
    .orderBy("authority")
    .execute();
  return rows.map((row) => ({
    authority: known(REPORT_AUTHORITIES, row.authority),
    startedAt: row.started_at,
    dueAt: row.due_at,
    ...optional("halfAlarmAt", row.half_alarm_at),
    ...optional("nearlyAlarmAt", row.nearly_alarm_at),
    ...optional("reportedAt", row.reported_at),
    ...optional("missedAt", row.missed_at),
  }));
}

/** Incidents with a clock that nobody stopped and that was not missed yet. */
export async function selectTicking(db: Reader): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("incident_clock")
    .select("incident_id")
    .distinct()
    .where("reported_at", "is", null)
    .where("missed_at", "is", null)
    .execute();
  return rows.map((row) => row.incident_id);
}

/** Incidents with a report that nobody made yet, the oldest first. */
export async function selectUnreported(db: Reader): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("incident_clock")
    .innerJoin("incident", "incident.id", "incident_id")
    .select(["incident_id", "opened_at"])
    .distinct()
    .where("reported_at", "is", null)
    .orderBy("opened_at")
    .orderBy("incident_id")
    .execute();
  return rows.map((row) => row.incident_id);
}

/** Clocks that ran out: those still unreported at `now`, and those missed after `since`. */
export async function countMissed(db: Reader, now: number, since: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from incident_clock where due_at > ${moment(since)} and (
      missed_at is not null or (reported_at is null and due_at <= ${moment(now)})
    ) or (reported_at is null and due_at <= ${moment(now)})`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Where the public log tells of each incident, in the order of the log. */
export async function selectIncidentLeaves(
  db: Reader,
): Promise<ReadonlyMap<string, readonly { topic: (typeof INCIDENT_TOPICS)[number]; index: number }[]>> {
  const { rows } = await sql<{ incident_id: string; topic: string; index: number }>`
    select statement::jsonb ->> 'incidentId' as incident_id, topic, index
    from evidence_statement join evidence_leaf using (leaf_id)
    where public and topic = any(${[...INCIDENT_TOPICS]}) order by index`.execute(db);
  const leaves = new Map<string, { topic: (typeof INCIDENT_TOPICS)[number]; index: number }[]>();
  for (const { incident_id: id, topic, index } of rows) {
    leaves.set(id, [...(leaves.get(id) ?? []), { topic: known(INCIDENT_TOPICS, topic), index }]);
  }
  return leaves;
}

export async function updateClock(
  trx: Trx,
  id: string,
  authority: ReportAuthority,
  times: Partial<Record<"half_alarm_at" | "nearly_alarm_at" | "reported_at" | "missed_at", number>>,
): Promise<void> {
  const set = Object.fromEntries(Object.entries(times).map(([name, at]) => [name, moment(at)]));
  await trx
    .updateTable("incident_clock")
    .set(set)
    .where("incident_id", "=", id)
    .where("authority", "=", authority)
    .execute();
}

/** Copies journal entries into the incident, so that they outlive their own time; returns what there was. */
export async function keepEvidence(
  trx: Trx,
  id: string,
  entries: NonNullable<IncidentInput["evidence"]>,
): Promise<void> {
  for (const { gateId, sequence } of entries) {
    await sql`insert into incident_evidence (incident_id, gate_id, sequence, entry, sha256)
      select ${id}::uuid, gate_id, sequence, entry, sha256(entry) from event
      where gate_id = ${gateId}::uuid and sequence = ${sequence}
      on conflict do nothing`.execute(trx);
  }
}

export async function selectEvidence(db: Reader, id: string) {
  const rows = await db
    .selectFrom("incident_evidence")
    .select(["gate_id as gateId", "sequence", "sha256"])
    .where("incident_id", "=", id)
    .orderBy("gate_id")
    .orderBy("sequence")
    .execute();
  return rows.map(({ sha256, ...row }) => ({ ...row, sha256: Buffer.from(sha256).toString("hex") }));
}

export async function selectReportSettings(db: Reader): Promise<ReportSettings> {
  const rows = await db.selectFrom("incident_setting").selectAll().execute();
  return {
    items: rows
      .map((row) => ({
        authority: known(REPORT_AUTHORITIES, row.authority),
        isOn: row.is_on,
        hours: row.hours,
        fromGrade: known(INCIDENT_GRADES, row.from_grade),
      }))
      .toSorted((a, b) => REPORT_AUTHORITIES.indexOf(a.authority) - REPORT_AUTHORITIES.indexOf(b.authority)),
  };
}

export async function updateReportSettings(trx: Trx, settings: ReportSettings): Promise<void> {
  for (const { authority, isOn, hours, fromGrade } of settings.items) {
    await trx
      .updateTable("incident_setting")
      .set({ is_on: isOn, hours, from_grade: fromGrade })
      .where("authority", "=", authority)
      .execute();
  }
}
