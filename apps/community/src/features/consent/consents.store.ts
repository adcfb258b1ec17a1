import { CONSENT_WAYS, type ConsentWay } from "@menshen/domain";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { compareNames } from "../../database/names.ts";
import { runSql } from "../../evidence-record/index.ts";

/** One consent as it is stored. */
export interface StoredConsent {
  readonly recordId: string;
  readonly personId: string;
  readonly noticeId: string;
  readonly way: ConsentWay;
  readonly guardianId: string | null;
  readonly enteredAt: number;
  readonly enteredBy: string | null;
  readonly givenAt: number | null;
  readonly untilAt: number | null;
  readonly receipt: string | null;
  readonly leafId: string | null;
  readonly withdrawnAt: number | null;
  readonly withdrawalReceipt: string | null;
  readonly withdrawalLeafId: string | null;
}

const COLUMNS = [
  "record_id as recordId",
  "person_id as personId",
  "notice_id as noticeId",
  "way",
  "guardian_id as guardianId",
  "entered_at as enteredAt",
  "entered_by as enteredBy",
  "given_at as givenAt",
  "until_at as untilAt",
  "receipt",
  "leaf_id as leafId",
  "withdrawn_at as withdrawnAt",
  "withdrawal_receipt as withdrawalReceipt",
  "withdrawal_leaf_id as withdrawalLeafId",
] as const;

function parse<Row extends { readonly way: string }>(row: Row) {
  const way = CONSENT_WAYS.find((known) => known === row.way) ?? "paper";
  return { ...row, way };
}

/** Consents of a person, newest first. */
export async function selectConsents(db: Reader, personId: string): Promise<readonly StoredConsent[]> {
  const rows = await db
    .selectFrom("consent")
    .select(COLUMNS)
    .where("person_id", "=", personId)
    .orderBy("entered_at", "desc")
    .orderBy("record_id")
    .execute();
  return rows.map(parse);
}

export async function selectConsent(db: Reader, recordId: string): Promise<StoredConsent | undefined> {
  const row = await db
    .selectFrom("consent")
    .select(COLUMNS)
    .where("record_id", "=", recordId)
    .executeTakeFirst();
  return row === undefined ? undefined : parse(row);
}

/** Papers that nobody else has confirmed, with whose they are. */
export async function selectWaiting(
  db: Reader,
): Promise<readonly (StoredConsent & { readonly displayName: string })[]> {
  const rows = await db
    .selectFrom("consent")
    .innerJoin("person", "person.id", "consent.person_id")
    .select([...COLUMNS, "person.display_name as displayName"])
    .where("way", "=", "paper")
    .where("given_at", "is", null)
    .where("withdrawn_at", "is", null)
    .where("person.removed_at", "is", null)
    .orderBy("entered_at")
    .limit(200)
    .execute();
  return rows.map(parse);
}

/** Persons with a consent to these notices that was neither withdrawn nor left unconfirmed. */
export async function selectGivenTo(db: Reader, noticeIds: readonly string[]): Promise<readonly string[]> {
  if (noticeIds.length === 0) return [];
  const rows = await db
    .selectFrom("consent")
    .select("person_id")
    .distinct()
    .where("notice_id", "in", noticeIds)
    .where("given_at", "is not", null)
    .where("withdrawn_at", "is", null)
    .execute();
  return rows.map(({ person_id }) => person_id);
}

export async function insertConsent(
  trx: Trx,
  row: {
    readonly recordId: string;
    readonly personId: string;
    readonly noticeId: string;
    readonly way: ConsentWay;
    readonly guardianId: string | undefined;
    readonly at: number;
    readonly enteredBy: string | undefined;
  },
): Promise<void> {
  await trx
    .insertInto("consent")
    .values({
      record_id: row.recordId,
      person_id: row.personId,
      notice_id: row.noticeId,
      way: row.way,
      guardian_id: row.guardianId ?? null,
      entered_at: moment(row.at),
      entered_by: row.enteredBy ?? null,
    })
    .execute();
}

/** From now on it is given. */
export async function updateGiven(
  trx: Trx,
  recordId: string,
  given: {
    readonly at: number;
    readonly until: number;
    readonly receipt: string;
    readonly leafId: string;
    readonly confirmedBy: string | undefined;
  },
): Promise<void> {
  await trx
    .updateTable("consent")
    .set({
      given_at: moment(given.at),
      until_at: moment(given.until),
      receipt: given.receipt,
      leaf_id: given.leafId,
      confirmed_by: given.confirmedBy ?? null,
    })
    .where("record_id", "=", recordId)
    .execute();
}

export async function updateWithdrawn(
  trx: Trx,
  recordId: string,
  withdrawn: { readonly at: number; readonly receipt?: string; readonly leafId?: string },
): Promise<void> {
  await trx
    .updateTable("consent")
    .set({
      withdrawn_at: moment(withdrawn.at),
      withdrawal_receipt: withdrawn.receipt ?? null,
      withdrawal_leaf_id: withdrawn.leafId ?? null,
    })
    .where("record_id", "=", recordId)
    .execute();
}

/** What is said and done about a person's consents follows one after the other. Locks nobody who is not there. */
export async function lockPerson(trx: Trx, personId: string): Promise<boolean> {
  const rows =
    await sql`select 1 from person where id = ${personId} and removed_at is null for update`.execute(trx);
  return rows.rows.length > 0;
}

const LIVES = `removed_at is null and role <> 'staff' and (valid_from is null or valid_from <= $2)
  and (valid_until is null or valid_until > $2)`;

/** Children who need a guardian and live with somebody now. */
export async function selectWards(
  db: Reader,
  guardianId: string,
  now: number,
  today: string,
): Promise<readonly { readonly id: string; readonly display_name: string }[]> {
  const rows = await runSql<{ readonly id: string; readonly display_name: string }>(
    db,
    `select distinct p.id, p.display_name from person p
       join person_guardian_need n on n.person_id = p.id and n.until_on > $3
       join (select person_id, dwelling_id from residency where ${LIVES}) child on child.person_id = p.id
       join (select person_id, dwelling_id from residency where ${LIVES}) mine
         on mine.dwelling_id = child.dwelling_id and mine.person_id = $1
     where p.removed_at is null and p.id <> $1 and not exists (
       select from person_guardian_need own where own.person_id = $1 and own.until_on > $3)
     order by p.id`,
    [guardianId, new Date(now), today],
  );
  return rows.toSorted((one, other) => compareNames(one.display_name, other.display_name));
}

/** Names of doors as a receipt says them, by access point. */
export async function selectPointNames(db: Reader): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("access_point")
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .select(["access_point.id", "access_point.name", "portal.name as portal_name"])
    .where("access_point.removed_at", "is", null)
    .where("portal.removed_at", "is", null)
    .execute();
  return new Map(
    rows.map(({ id, name, portal_name }) => [id, name === portal_name ? name : `${portal_name} · ${name}`]),
  );
}
