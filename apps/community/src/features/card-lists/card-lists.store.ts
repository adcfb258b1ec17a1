import { toHex } from "@menshen/crypto/node";
import type { CredentialKey } from "@menshen/domain";
import type { CardList } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import type { Home } from "./match-holders.ts";

/** One row of an import that is still to come. */
export interface WaitingRow {
  readonly line: number;
  readonly sealedIdentifier: Uint8Array;
  readonly personId: string;
  readonly dwellingId: string | undefined;
  readonly until: number;
}

const STATES = ["importing", "done", "undone"] as const;

/** Every dwelling with who lives there now or later. */
export async function selectHomes(db: Reader, at: number): Promise<readonly Home[]> {
  const { rows } = await sql<{
    id: string;
    name: string;
    building_name: string;
    resident_id: string | null;
    resident_name: string | null;
  }>`
    select distinct d.id, d.name, b.name as building_name, p.id as resident_id, p.display_name as resident_name
    from dwelling d
    join building b on b.id = d.building_id
    left join residency r on r.dwelling_id = d.id and r.removed_at is null
      and (r.valid_until is null or r.valid_until > ${moment(at)})
    left join person p on p.id = r.person_id and p.removed_at is null
    where d.removed_at is null
    order by d.id, p.id`.execute(db);
  return [...Map.groupBy(rows, ({ id }) => id)].map(([dwellingId, lines]) => ({
    dwellingId,
    buildingName: lines[0]?.building_name ?? "",
    name: lines[0]?.name ?? "",
    residents: lines.flatMap(({ resident_id: personId, resident_name: name }) =>
      personId === null || name === null ? [] : [{ personId, name }],
    ),
  }));
}

/**
 * Of these keys, those in the register, whatever became of their cards; hexadecimal. What an import that was undone had
 * enrolled may be imported once more.
 */
export async function selectKnownKeys(
  db: Reader,
  keys: readonly CredentialKey[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ key: Uint8Array }>`
    select c.key from credential c
    where c.state <> 'replaced' and c.key = any (${keys.map((key) => Buffer.from(key))}::bytea[])
      and not (c.state = 'returned' and exists (
        select from card_list_row r join card_list l on l.id = r.card_list_id
        where r.credential_id = c.id and l.state = 'undone'))`.execute(db);
  return new Set(rows.map(({ key }) => toHex(key)));
}

export async function selectListId(db: Reader, digest: Uint8Array): Promise<string | undefined> {
  const row = await db
    .selectFrom("card_list")
    .select("id")
    .where("digest", "=", digest)
    .where("state", "<>", "undone")
    .executeTakeFirst();
  return row?.id;
}

export async function insertList(
  trx: Trx,
  list: { readonly id: string; readonly digest: Uint8Array; readonly staffId: string; readonly at: number },
  rows: readonly WaitingRow[],
): Promise<void> {
  await trx
    .insertInto("card_list")
    .values({
      id: list.id,
      digest: list.digest,
      staff_id: list.staffId,
      created_at: moment(list.at),
      state: "importing",
    })
    .execute();
  await sql`
    insert into card_list_row (card_list_id, line, sealed_identifier, person_id, dwelling_id, valid_until)
    select ${list.id}, * from unnest(
      ${rows.map(({ line }) => line)}::integer[],
      ${rows.map(({ sealedIdentifier }) => Buffer.from(sealedIdentifier))}::bytea[],
      ${rows.map(({ personId }) => personId)}::uuid[],
      ${rows.map(({ dwellingId }) => dwellingId ?? null)}::uuid[],
      ${rows.map(({ until }) => new Date(until))}::timestamptz[])`.execute(trx);
}

/** Locked, so that two desks that go on with one list follow each other. */
export async function lockList(trx: Trx, id: string): Promise<CardList["state"] | undefined> {
  const row = await trx
    .selectFrom("card_list")
    .select("state")
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  return row && parseListState(row.state);
}

export async function selectWaiting(trx: Trx, id: string, limit: number): Promise<readonly WaitingRow[]> {
  const rows = await trx
    .selectFrom("card_list_row")
    .innerJoin("person", "person.id", "card_list_row.person_id")
    .select(["line", "sealed_identifier", "person_id", "dwelling_id", "valid_until"])
    .where("card_list_id", "=", id)
    .where("outcome", "is", null)
    .where("person.removed_at", "is", null)
    .orderBy("line")
    .limit(limit)
    .execute();
  return rows.flatMap((row) =>
    row.sealed_identifier === null
      ? []
      : [
          {
            line: row.line,
            sealedIdentifier: row.sealed_identifier,
            personId: row.person_id,
            dwellingId: row.dwelling_id ?? undefined,
            until: row.valid_until,
          },
        ],
  );
}

export async function updateRow(
  trx: Trx,
  id: string,
  line: number,
  result: { readonly outcome: "enrolled" | "already"; readonly credentialId: string | undefined },
): Promise<void> {
  await trx
    .updateTable("card_list_row")
    .set({
      outcome: result.outcome,
      credential_id: result.credentialId ?? null,
      sealed_identifier: null,
    })
    .where("card_list_id", "=", id)
    .where("line", "=", line)
    .execute();
}

export async function updateListState(trx: Trx, id: string, state: CardList["state"]): Promise<void> {
  await trx.updateTable("card_list").set({ state }).where("id", "=", id).execute();
}

/** Rows that never got their turn, and those of people who left meanwhile. */
export async function deleteWaiting(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom("card_list_row").where("card_list_id", "=", id).where("outcome", "is", null).execute();
}

/** Credentials of an import that still open something, or may again; locked. */
export async function selectToEnd(
  trx: Trx,
  id: string,
  limit: number,
): Promise<readonly { readonly id: string; readonly state: string }[]> {
  return trx
    .selectFrom("card_list_row")
    .innerJoin("credential", "credential.id", "card_list_row.credential_id")
    .select(["credential.id", "credential.state"])
    .where("card_list_id", "=", id)
    .where("credential.state", "in", ["active", "blocked", "lost"])
    .orderBy("line")
    .limit(limit)
    .forUpdate()
    .execute();
}

export async function selectLists(db: Reader, id?: string): Promise<readonly CardList[]> {
  const { rows } = await sql<{
    id: string;
    created_at: number;
    display_name: string;
    state: string;
    total: number;
    enrolled: number;
    already: number;
    waiting: number;
    to_end: number;
  }>`
    select l.id, l.created_at, s.display_name, l.state, count(r.line)::integer as total,
      count(r.line) filter (where r.outcome = 'enrolled')::integer as enrolled,
      count(r.line) filter (where r.outcome = 'already')::integer as already,
      count(r.line) filter (where r.outcome is null)::integer as waiting,
      count(r.line) filter (where l.state = 'undone' and c.state in ('active', 'blocked', 'lost'))::integer as to_end
    from card_list l
    join staff s on s.id = l.staff_id
    left join card_list_row r on r.card_list_id = l.id
    left join credential c on c.id = r.credential_id
    where ${id ?? null}::uuid is null or l.id = ${id ?? null}::uuid
    group by l.id, s.display_name
    order by l.created_at desc, l.id limit 100`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    staffName: row.display_name,
    state: parseListState(row.state),
    total: row.total,
    enrolled: row.enrolled,
    already: row.already,
    waiting: row.waiting,
    toEnd: row.to_end,
  }));
}

function parseListState(text: string): CardList["state"] {
  const state = STATES.find((candidate) => candidate === text);
  if (state === undefined) throw new CommunityError("internal", "stored state of a card list is unknown");
  return state;
}
