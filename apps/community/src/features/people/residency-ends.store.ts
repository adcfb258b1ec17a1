import { END_ASKERS, END_STATES, type EndState, type NamedResidencyEnd } from "@menshen/wire";
import { type ExpressionBuilder, sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import type { Tables } from "../../database/tables.ts";
import { CommunityError } from "../../errors.ts";
import type { SealedText } from "../../keys/person-keys.ts";
import { parseResidencyRole } from "./people.store.ts";

/** States in which somebody still has to answer, to decide or to leave; one of them at most for a residency. */
export const OPEN_STATES = [
  "asked",
  "objected",
  "agreed",
  "lapsed",
  "ends",
] as const satisfies readonly EndState[];
/** Those after which the residency ends by itself at `endsAt`. */
export const SETTLED_STATES = ["agreed", "lapsed", "ends"] as const satisfies readonly EndState[];

/** An end with who entered it: that person does not decide. */
export interface StoredEnd extends Omit<NamedResidencyEnd, "personName"> {
  readonly personName: string;
  readonly askedStaffId: string | undefined;
  readonly untilBefore: number | undefined;
}

function endQuery(db: Reader) {
  return db
    .selectFrom("residency_end")
    .innerJoin("residency", "residency.id", "residency_end.residency_id")
    .innerJoin("person", "person.id", "residency.person_id")
    .innerJoin("dwelling", "dwelling.id", "residency.dwelling_id")
    .innerJoin("building", "building.id", "dwelling.building_id")
    .selectAll("residency_end")
    .select([
      "residency.person_id",
      "residency.role",
      "person.display_name as person_name",
      "dwelling.name as dwelling_name",
      "building.name as building_name",
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof endQuery>["executeTakeFirstOrThrow"]>>;

function endOf(row: Row): StoredEnd {
  return {
    id: row.id,
    residencyId: row.residency_id,
    personId: row.person_id,
    personName: row.person_name,
    role: parseResidencyRole(row.role),
    home: `${row.building_name} ${row.dwelling_name}`,
    state: parse(END_STATES, row.state),
    askedBy: parse(END_ASKERS, row.asked_by),
    askedStaffId: row.asked_staff_id ?? undefined,
    untilBefore: row.until_before ?? undefined,
    askedAt: row.asked_at,
    ...optional("ground", row.ground),
    ...optional("toldAt", row.told_at),
    ...optional("toldBy", row.told_by === null ? undefined : parse(["app", "letter"] as const, row.told_by)),
    ...optional("graceUntil", row.grace_until),
    ...optional("answeredAt", row.answered_at),
    ...optional("objection", row.objection),
    ...optional("decidedAt", row.decided_at),
    ...optional("decisionReason", row.decision_reason),
    ...optional("endsAt", row.ends_at),
  };
}

export async function selectEnd(db: Reader, id: string): Promise<StoredEnd | undefined> {
  const row = await endQuery(db).where("residency_end.id", "=", id).executeTakeFirst();
  return row && endOf(row);
}

/** Locks an end until the transaction is over, so that two answers follow each other. */
export async function lockEnd(trx: Trx, id: string): Promise<StoredEnd | undefined> {
  await sql`select 1 from residency_end where id = ${id} for update`.execute(trx);
  return selectEnd(trx, id);
}

/** The open ones, those with an objection first; with `past` the others too. */
export async function selectEnds(db: Reader, past: boolean): Promise<readonly StoredEnd[]> {
  let query = endQuery(db)
    .where("person.removed_at", "is", null)
    .orderBy((eb) => eb("residency_end.state", "!=", "objected"))
    .orderBy("residency_end.asked_at", "desc")
    .limit(500);
  if (!past) query = query.where("residency_end.state", "in", [...OPEN_STATES]);
  return (await query.execute()).map(endOf);
}

/** The latest of each residency of a person. */
export async function selectEndsOf(db: Reader, personId: string): Promise<readonly StoredEnd[]> {
  const rows = await endQuery(db)
    .distinctOn("residency_end.residency_id")
    .where("residency.person_id", "=", personId)
    .orderBy("residency_end.residency_id")
    .orderBy("residency_end.asked_at", "desc")
    .execute();
  return rows.map(endOf);
}

export async function selectOpenEnd(db: Reader, residencyId: string): Promise<StoredEnd | undefined> {
  const row = await endQuery(db)
    .where("residency_end.residency_id", "=", residencyId)
    .where("residency_end.state", "in", [...OPEN_STATES])
    .executeTakeFirst();
  return row && endOf(row);
}

/**
 * Residencies whose end was set and is near, and that were not asked about it. Left out: stays of at most 28 days, agreed
 * with their end from the start, and staff.
 */
export async function selectTermsNear(db: Reader, now: number, before: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select r.id from residency r join person p on p.id = r.person_id
    where r.removed_at is null and p.removed_at is null and r.role <> 'staff'
      and r.valid_until > ${moment(now)} and r.valid_until <= ${moment(before)}
      and (r.valid_from is null or r.valid_from <= ${moment(now)})
      and (r.valid_from is null or r.valid_until - r.valid_from > interval '28 days')
      and not exists (select from residency_end e where e.residency_id = r.id and e.state = any(${[...OPEN_STATES]}))
    order by r.valid_until, r.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Ends that are due: told and not answered in time, or settled and their time has come. */
export async function selectDueEnds(db: Reader, at: number): Promise<readonly string[]> {
  const now = moment(at);
  const due = (eb: ExpressionBuilder<Tables, "residency_end">) =>
    eb.or([
      eb.and([eb("state", "=", "asked"), eb("grace_until", "<=", now)]),
      eb.and([eb("state", "in", [...SETTLED_STATES]), eb("ends_at", "<=", now)]),
    ]);
  const rows = await db.selectFrom("residency_end").select("id").where(due).orderBy("asked_at").execute();
  return rows.map(({ id }) => id);
}

/** What of an end changes. */
export interface EndFields {
  readonly state: EndState;
  readonly toldAt?: number | undefined;
  readonly toldBy?: "app" | "letter" | undefined;
  readonly graceUntil?: number | undefined;
  readonly answeredAt?: number | undefined;
  readonly objection?: SealedText | undefined;
  readonly decidedAt?: number | undefined;
  readonly decidedStaffId?: string | undefined;
  readonly decisionReason?: SealedText | undefined;
  readonly endsAt?: number | undefined;
  readonly untilBefore?: number | undefined;
}

function columnsOf(fields: EndFields) {
  return {
    state: fields.state,
    ...(fields.toldAt === undefined ? {} : { told_at: moment(fields.toldAt) }),
    ...(fields.toldBy === undefined ? {} : { told_by: fields.toldBy }),
    ...(fields.graceUntil === undefined ? {} : { grace_until: moment(fields.graceUntil) }),
    ...(fields.answeredAt === undefined ? {} : { answered_at: moment(fields.answeredAt) }),
    ...(fields.objection === undefined ? {} : { objection: fields.objection }),
    ...(fields.decidedAt === undefined ? {} : { decided_at: moment(fields.decidedAt) }),
    ...(fields.decidedStaffId === undefined ? {} : { decided_staff_id: fields.decidedStaffId }),
    ...(fields.decisionReason === undefined ? {} : { decision_reason: fields.decisionReason }),
    ...(fields.endsAt === undefined ? {} : { ends_at: moment(fields.endsAt) }),
    ...(fields.untilBefore === undefined ? {} : { until_before: moment(fields.untilBefore) }),
  };
}

export async function insertEnd(
  trx: Trx,
  end: EndFields & {
    readonly id: string;
    readonly residencyId: string;
    readonly askedBy: string;
    readonly askedStaffId?: string;
    readonly ground?: SealedText;
    readonly askedAt: number;
  },
): Promise<void> {
  await trx
    .insertInto("residency_end")
    .values({
      id: end.id,
      residency_id: end.residencyId,
      asked_by: end.askedBy,
      asked_staff_id: end.askedStaffId ?? null,
      ground: end.ground ?? null,
      asked_at: moment(end.askedAt),
      objection: null,
      told_by: null,
      decided_staff_id: null,
      decision_reason: null,
      ...columnsOf(end),
    })
    .execute();
}

export async function updateEnd(trx: Trx, id: string, fields: EndFields): Promise<void> {
  await trx.updateTable("residency_end").set(columnsOf(fields)).where("id", "=", id).execute();
}

function parse<const Words extends readonly string[]>(words: Words, text: string): Words[number] {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined)
    throw new CommunityError("internal", "a stored word of the end of a residency is unknown");
  return word;
}
