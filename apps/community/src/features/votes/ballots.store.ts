import { VOTE_CHOICES, type VoteChoice } from "@menshen/domain";
import { BALLOT_WAYS, type BallotWay } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { known } from "../../view-record/index.ts";
import type { StoredHead } from "./motions.store.ts";

/** A ballot; what it says stands in its leaf. */
export interface StoredBallot {
  readonly number: number;
  readonly way: BallotWay;
  readonly at: number;
  readonly leafId: string;
  /** Absent for paper. */
  readonly signed: { readonly authKey: Uint8Array; readonly signature: Uint8Array } | undefined;
  /** Of a secret vote: what the voter sealed. */
  readonly sealed: Uint8Array | undefined;
}

export interface StoredPaper {
  readonly number: number;
  readonly choice: VoteChoice;
  readonly documentNumber: string;
  readonly enteredBy: string;
}

export async function selectBallotNumbers(db: Reader, motionId: string): Promise<ReadonlySet<number>> {
  const rows = await db
    .selectFrom("motion_ballot")
    .select("number")
    .where("motion_id", "=", motionId)
    .execute();
  return new Set(rows.map(({ number }) => number));
}

/** Ascending by number. */
export async function selectBallots(db: Reader, motionId: string): Promise<readonly StoredBallot[]> {
  const rows = await db
    .selectFrom("motion_ballot")
    .selectAll()
    .where("motion_id", "=", motionId)
    .orderBy("number")
    .execute();
  return rows.map((row) => ({
    number: row.number,
    way: known(BALLOT_WAYS, row.way),
    at: row.at,
    leafId: row.leaf_id,
    signed: signedOf(row),
    sealed: row.sealed === null ? undefined : new Uint8Array(row.sealed),
  }));
}

function signedOf(row: { readonly auth_key: Uint8Array | null; readonly signature: Uint8Array | null }) {
  return row.auth_key === null || row.signature === null
    ? undefined
    : { authKey: new Uint8Array(row.auth_key), signature: new Uint8Array(row.signature) };
}

/** Throws PostgreSQL's refusal of a duplicate for a head that has voted. */
export async function insertBallot(trx: Trx, motionId: string, ballot: StoredBallot): Promise<void> {
  await trx
    .insertInto("motion_ballot")
    .values({
      motion_id: motionId,
      number: ballot.number,
      way: ballot.way,
      at: moment(ballot.at),
      leaf_id: ballot.leafId,
      auth_key: ballot.signed?.authKey ?? null,
      signature: ballot.signed?.signature ?? null,
      sealed: ballot.sealed ?? null,
    })
    .execute();
}

/** Locks a head until the end of the transaction: two ballots for it follow each other. */
export async function lockHead(trx: Trx, motionId: string, number: number): Promise<StoredHead | undefined> {
  const row = await trx
    .selectFrom("motion_head")
    .select(["number", "area_dm2", "dwelling_names"])
    .where("motion_id", "=", motionId)
    .where("number", "=", number)
    .forUpdate()
    .executeTakeFirst();
  return row && { number: row.number, areaDm2: row.area_dm2, dwellingNames: row.dwelling_names };
}

/** Heads of a motion that a person may vote for. */
export async function selectHeadsOfPerson(
  db: Reader,
  motionId: string,
  personId: string,
): Promise<
  readonly (StoredHead & { readonly isOwn: boolean; readonly isProxy: boolean; readonly hasProxy: boolean })[]
> {
  const { rows } = await sql<{
    number: number;
    area_dm2: number;
    dwelling_names: string[];
    is_own: boolean;
    is_proxy: boolean;
    has_proxy: boolean;
  }>`
    select * from (
      select head.number, head.area_dm2, head.dwelling_names,
        exists (select from motion_head_person p where p.motion_id = head.motion_id and p.number = head.number
          and p.person_id = ${personId}) as is_own,
        coalesce(proxy.person_id = ${personId}, false) as is_proxy,
        proxy.person_id is not null as has_proxy
      from motion_head head
      left join motion_proxy proxy on proxy.motion_id = head.motion_id and proxy.number = head.number
      where head.motion_id = ${motionId}
    ) as mine where is_own or is_proxy order by number`.execute(db);
  return rows.map((row) => ({
    number: row.number,
    areaDm2: row.area_dm2,
    dwellingNames: row.dwelling_names,
    isOwn: row.is_own,
    isProxy: row.is_proxy,
    hasProxy: row.has_proxy,
  }));
}

/** Papers that wait for their second reader; each has its choice until then. */
export async function selectPapers(db: Reader, motionId: string): Promise<readonly StoredPaper[]> {
  const rows = await db
    .selectFrom("motion_paper")
    .selectAll()
    .where("motion_id", "=", motionId)
    .where("confirmed_at", "is", null)
    .execute();
  return rows.map((row) => ({
    number: row.number,
    choice: known(VOTE_CHOICES, row.choice ?? ""),
    documentNumber: row.document_number,
    enteredBy: row.entered_by,
  }));
}

export async function insertPaper(
  trx: Trx,
  motionId: string,
  paper: StoredPaper & { readonly at: number },
): Promise<void> {
  await trx
    .insertInto("motion_paper")
    .values({
      motion_id: motionId,
      number: paper.number,
      choice: paper.choice,
      document_number: paper.documentNumber,
      entered_at: moment(paper.at),
      entered_by: paper.enteredBy,
    })
    .execute();
}

/** @param confirmed.forgets the choice: of a secret vote nobody keeps it */
export async function confirmPaper(
  trx: Trx,
  motionId: string,
  number: number,
  confirmed: { readonly at: number; readonly staffId: string; readonly forgets: boolean },
): Promise<void> {
  await trx
    .updateTable("motion_paper")
    .set({
      confirmed_at: moment(confirmed.at),
      confirmed_by: confirmed.staffId,
      ...(confirmed.forgets ? { choice: null } : {}),
    })
    .where("motion_id", "=", motionId)
    .where("number", "=", number)
    .execute();
}

/** Whether one waited. */
export async function deletePaper(trx: Trx, motionId: string, number: number): Promise<boolean> {
  const row = await trx
    .deleteFrom("motion_paper")
    .where("motion_id", "=", motionId)
    .where("number", "=", number)
    .where("confirmed_at", "is", null)
    .returning("number")
    .executeTakeFirst();
  return row !== undefined;
}

/** Who votes for which head by proxy. */
export async function selectProxies(db: Reader, motionId: string): Promise<ReadonlyMap<number, string>> {
  const rows = await db
    .selectFrom("motion_proxy")
    .select(["number", "person_id"])
    .where("motion_id", "=", motionId)
    .execute();
  return new Map(rows.map((row) => [row.number, row.person_id]));
}

export async function upsertProxy(
  trx: Trx,
  motionId: string,
  proxy: {
    readonly number: number;
    readonly personId: string;
    readonly documentNumber: string;
    readonly at: number;
    readonly staffId: string;
  },
): Promise<void> {
  const values = {
    person_id: proxy.personId,
    document_number: proxy.documentNumber,
    registered_at: moment(proxy.at),
    registered_by: proxy.staffId,
  };
  await trx
    .insertInto("motion_proxy")
    .values({ motion_id: motionId, number: proxy.number, ...values })
    .onConflict((conflict) => conflict.columns(["motion_id", "number"]).doUpdateSet(values))
    .execute();
}

/** @returns whether there was one */
export async function deleteProxy(trx: Trx, motionId: string, number: number): Promise<boolean> {
  const gone = await trx
    .deleteFrom("motion_proxy")
    .where("motion_id", "=", motionId)
    .where("number", "=", number)
    .executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

/** A person who lives here at a moment and may vote for no head of the motion. */
export async function isAdvisor(
  db: Reader,
  motionId: string,
  personId: string,
  at: number,
): Promise<boolean> {
  const { rows } = await sql<{ lives: boolean }>`select (exists (
      select from residency where person_id = ${personId} and removed_at is null and dwelling_id is not null
        and (valid_from is null or valid_from <= ${moment(at)}) and (valid_until is null or valid_until > ${moment(at)})
    ) and not exists (
      select from motion_head_person where motion_id = ${motionId} and person_id = ${personId}
    )) as lives`.execute(db);
  return rows[0]?.lives ?? false;
}

export interface StoredAdvice {
  readonly leafId: string;
  readonly at: number;
  readonly signed: { readonly authKey: Uint8Array; readonly signature: Uint8Array };
}

export async function selectAdvice(db: Reader, motionId: string): Promise<readonly StoredAdvice[]> {
  const rows = await db
    .selectFrom("advisory_ballot")
    .selectAll()
    .where("motion_id", "=", motionId)
    .orderBy("leaf_id")
    .execute();
  return rows.map((row) => ({
    leafId: row.leaf_id,
    at: row.at,
    signed: { authKey: new Uint8Array(row.auth_key), signature: new Uint8Array(row.signature) },
  }));
}

export async function selectAdviceOf(
  db: Reader,
  motionId: string,
  personId: string,
): Promise<{ readonly leafId: string; readonly at: number } | undefined> {
  const row = await db
    .selectFrom("advisory_ballot")
    .select(["leaf_id", "at"])
    .where("motion_id", "=", motionId)
    .where("person_id", "=", personId)
    .executeTakeFirst();
  return row && { leafId: row.leaf_id, at: row.at };
}

/** Throws PostgreSQL's refusal of a duplicate for somebody who was asked already. */
export async function insertAdvice(
  trx: Trx,
  motionId: string,
  personId: string,
  advice: StoredAdvice,
): Promise<void> {
  await trx
    .insertInto("advisory_ballot")
    .values({
      motion_id: motionId,
      person_id: personId,
      at: moment(advice.at),
      leaf_id: advice.leafId,
      auth_key: advice.signed.authKey,
      signature: advice.signed.signature,
    })
    .execute();
}
