import { type ExpectedVisit, type ReceptionSettings, VISIT_PURPOSES, type Visit } from "@menshen/wire";
import { sql } from "kysely";
import { containing, moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

const MOST_LISTED = 500;
const MOST_FOUND = 20;

const DWELLING_NAME = sql<string>`(select b.name || ' ' || d.name from dwelling d join building b on b.id = d.building_id
  where d.id = dwelling_id)`;

export async function selectReceptionSettings(db: Reader): Promise<ReceptionSettings> {
  return db
    .selectFrom("reception_setting")
    .select(["retention_days as retentionDays", "usual_minutes as usualMinutes", "revision"])
    .executeTakeFirstOrThrow();
}

/** As {@link selectReceptionSettings}; two changes follow each other. */
export async function lockReceptionSettings(trx: Trx): Promise<ReceptionSettings> {
  await trx.selectFrom("reception_setting").select("revision").forUpdate().execute();
  return selectReceptionSettings(trx);
}

export async function updateReceptionSettings(
  trx: Trx,
  settings: Omit<ReceptionSettings, "revision">,
): Promise<void> {
  await trx
    .updateTable("reception_setting")
    .set((eb) => ({
      retention_days: settings.retentionDays,
      usual_minutes: settings.usualMinutes,
      revision: eb("revision", "+", 1),
    }))
    .execute();
}

interface PassRow {
  readonly pass_id: Uint8Array;
  readonly dwelling_id: string;
  readonly dwelling_name: string;
  readonly purpose: string;
  readonly not_before: number;
  readonly not_after: number;
  readonly weekdays: readonly number[] | null;
  readonly windows: readonly { readonly startMinute: number; readonly endMinute: number }[] | null;
  readonly visit_id: string | null;
}

/** Passes of the desk that are good at some moment from `from` to `until`, on this weekday (1 is Monday). */
export async function selectExpected(
  db: Reader,
  from: number,
  until: number,
  weekday: number,
): Promise<ExpectedVisit[]> {
  const { rows } = await sql<PassRow>`
    select v.pass_id, d.id as dwelling_id, b.name || ' ' || d.name as dwelling_name, v.purpose, v.not_before,
      v.not_after, v.windows,
      (select id from visit where pass_id = v.pass_id and checked_out_at is null) as visit_id
    from visitor_pass v
    join home h on h.id = v.home_id and h.ended_at is null
    join dwelling d on d.id = h.dwelling_id join building b on b.id = d.building_id
    where v.revoked_at is null and v.not_after >= ${moment(from)} and v.not_before < ${moment(until)}
      and (v.weekdays is null or ${weekday}::smallint = any (v.weekdays))
    order by v.not_before, v.pass_id limit ${MOST_LISTED}`.execute(db);
  return rows.map((row) => ({
    passId: Buffer.from(row.pass_id).toString("hex"),
    dwellingId: row.dwelling_id,
    dwellingName: row.dwelling_name,
    purpose: storedPurpose(row.purpose),
    notBefore: row.not_before,
    notAfter: row.not_after,
    windows: (row.windows ?? []).map((window) => ({ ...window })),
    ...optional("visitId", row.visit_id),
  }));
}

/** A pass of the desk as it stands, for checking somebody in by it. */
export async function selectPass(
  db: Reader,
  passId: Uint8Array,
): Promise<{ readonly dwellingId: string; readonly notAfter: number } | undefined> {
  const { rows } = await sql<{ dwelling_id: string; not_after: number }>`
    select h.dwelling_id, v.not_after from visitor_pass v
    join home h on h.id = v.home_id and h.ended_at is null
    where v.pass_id = ${Buffer.from(passId)} and v.revoked_at is null`.execute(db);
  const [row] = rows;
  return row && { dwellingId: row.dwelling_id, notAfter: row.not_after };
}

function fromVisits(db: Reader) {
  return db.selectFrom("visit").selectAll().select(DWELLING_NAME.as("dwelling_name"));
}

type VisitRow = Awaited<ReturnType<ReturnType<typeof fromVisits>["executeTakeFirstOrThrow"]>>;

function visitOf(row: VisitRow, now: number): Visit {
  return {
    id: row.id,
    dwellingId: row.dwelling_id,
    dwellingName: row.dwelling_name,
    purpose: storedPurpose(row.purpose),
    persons: row.persons,
    ...(row.pass_id === null ? {} : { passId: Buffer.from(row.pass_id).toString("hex") }),
    checkedInAt: row.checked_in_at,
    expectedUntil: row.expected_until,
    ...optional("checkedOutAt", row.checked_out_at),
    overstay: row.checked_out_at === null && row.expected_until < now,
    revision: row.revision,
  };
}

export async function selectVisit(db: Reader, id: string, now: number): Promise<Visit | undefined> {
  const row = await fromVisits(db).where("id", "=", id).executeTakeFirst();
  return row && visitOf(row, now);
}

export async function lockVisit(trx: Trx, id: string, now: number): Promise<Visit | undefined> {
  await trx.selectFrom("visit").select("id").where("id", "=", id).forUpdate().execute();
  return selectVisit(trx, id, now);
}

/** Who is inside: whoever should have left first stands first. */
export async function selectInside(db: Reader, now: number): Promise<Visit[]> {
  const rows = await fromVisits(db)
    .where("checked_out_at", "is", null)
    .orderBy("expected_until")
    .orderBy("id")
    .limit(MOST_LISTED)
    .execute();
  return rows.map((row) => visitOf(row, now));
}

/** Who left since `from`, the last first. */
export async function selectLeft(db: Reader, from: number, now: number): Promise<Visit[]> {
  const rows = await fromVisits(db)
    .where("checked_out_at", ">=", moment(from))
    .orderBy("checked_out_at", "desc")
    .orderBy("id")
    .limit(MOST_LISTED)
    .execute();
  return rows.map((row) => visitOf(row, now));
}

export async function insertVisit(
  trx: Trx,
  visit: Pick<Visit, "id" | "dwellingId" | "purpose" | "persons" | "checkedInAt" | "expectedUntil"> & {
    readonly passId: Uint8Array | undefined;
  },
): Promise<void> {
  await trx
    .insertInto("visit")
    .values({
      id: visit.id,
      dwelling_id: visit.dwellingId,
      purpose: visit.purpose,
      persons: visit.persons,
      pass_id: visit.passId ?? null,
      checked_in_at: moment(visit.checkedInAt),
      expected_until: moment(visit.expectedUntil),
    })
    .execute();
}

export async function setCheckedOut(trx: Trx, id: string, at: number | undefined): Promise<void> {
  await trx
    .updateTable("visit")
    .set((eb) => ({ checked_out_at: optionalMoment(at), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

export async function isDwelling(db: Reader, id: string): Promise<boolean> {
  const row = await db
    .selectFrom("dwelling")
    .select("id")
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Dwellings whose name with its building contains a text, in their order. */
export async function selectDwellingsLike(
  db: Reader,
  text: string,
): Promise<{ dwellingId: string; name: string }[]> {
  const { rows } = await sql<{ dwellingId: string; name: string }>`
    select d.id as "dwellingId", b.name || ' ' || d.name as name
    from dwelling d join building b on b.id = d.building_id
    where d.removed_at is null and (b.name || ' ' || d.name ilike ${containing(text)}
      or b.name || d.name ilike ${containing(text)})
    order by b.name, d.name, d.id limit ${MOST_FOUND}`.execute(db);
  return rows;
}

/** Deletes visits that ended before `before`, and those that nobody ended and that began before it. */
export async function deleteOldVisits(db: Reader, before: number): Promise<void> {
  await sql`delete from visit
    where coalesce(checked_out_at, greatest(checked_in_at, expected_until)) < ${moment(before)}`.execute(db);
}

function storedPurpose(text: string): Visit["purpose"] {
  const purpose = VISIT_PURPOSES.find((candidate) => candidate === text);
  if (purpose === undefined) throw new CommunityError("internal", "stored purpose of a visit is unknown");
  return purpose;
}
