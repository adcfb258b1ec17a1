import {
  DELETION_GATE_STATES,
  DELETION_GROUNDS,
  DELETION_STORES,
  type DeletionGateState,
  type DeletionGround,
  type DeletionStore,
} from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import type { DeletionGateTable } from "../../database/deletion-tables.ts";
import { known } from "../../view-record/index.ts";

export interface StoredDeletion {
  readonly id: string;
  readonly personId: string;
  readonly ground: DeletionGround;
  readonly begunAt: number;
  readonly sealedUntil: number;
  readonly recordsUntil: number;
  readonly closedAt: number | undefined;
  readonly stores: readonly { readonly store: DeletionStore; readonly at: number | undefined }[];
  readonly gates: readonly StoredDeletionGate[];
}

export interface StoredDeletionGate {
  readonly gateId: string;
  readonly name: string;
  readonly state: DeletionGateState;
  readonly isOnline: boolean;
  readonly at: number | undefined;
  readonly deviceKey: Uint8Array | undefined;
  readonly receipt: Uint8Array | undefined;
}

/** 16-byte keys of all credentials that a person has or had. */
export async function selectCredentialKeys(trx: Trx, personId: string): Promise<readonly Uint8Array[]> {
  const rows = await trx
    .selectFrom("credential")
    .select("key")
    .distinct()
    .where("person_id", "=", personId)
    .orderBy("key")
    .execute();
  return rows.map(({ key }) => key);
}

/** Every enrolled gate is asked, whatever it may have held. */
export async function insertDeletion(
  trx: Trx,
  deletion: Pick<
    StoredDeletion,
    "id" | "personId" | "ground" | "begunAt" | "sealedUntil" | "recordsUntil"
  > & {
    readonly credentialKeys: readonly Uint8Array[];
  },
): Promise<void> {
  const { id, personId } = deletion;
  const code = await trx
    .selectFrom("deletion_code")
    .select("code_hash")
    .where("person_id", "=", personId)
    .executeTakeFirst();
  await trx
    .insertInto("deletion")
    .values({
      id,
      person_id: personId,
      ground: deletion.ground,
      begun_at: moment(deletion.begunAt),
      sealed_until: moment(deletion.sealedUntil),
      records_until: moment(deletion.recordsUntil),
      credential_keys: deletion.credentialKeys.map((key) => Buffer.from(key)),
      code_hash: code?.code_hash ?? null,
    })
    .execute();
  await trx
    .insertInto("deletion_store")
    .values(DELETION_STORES.map((store) => ({ deletion_id: id, store })))
    .execute();
  await sql`insert into deletion_gate (deletion_id, gate_id, name)
    select ${id}::uuid, d.gate_id, coalesce(g.name, d.gate_id::text)
    from gate_device d left join gate g on g.id = d.gate_id
    where d.enrolment = 'enrolled'`.execute(trx);
}

interface Row {
  readonly id: string;
  readonly personId: string;
  readonly ground: string;
  readonly begunAt: number;
  readonly sealedUntil: number;
  readonly recordsUntil: number;
  readonly closedAt: number | null;
}

const COLUMNS = [
  "id",
  "person_id as personId",
  "ground",
  "begun_at as begunAt",
  "sealed_until as sealedUntil",
  "records_until as recordsUntil",
  "closed_at as closedAt",
] as const;

/** The newest first. */
export async function selectDeletions(db: Reader, limit: number): Promise<readonly StoredDeletion[]> {
  const rows = await db
    .selectFrom("deletion")
    .select(COLUMNS)
    .orderBy("begun_at", "desc")
    .orderBy("id")
    .limit(limit)
    .execute();
  return withParts(db, rows);
}

export async function selectDeletion(
  db: Reader,
  by: { readonly id: string } | { readonly codeHash: Uint8Array },
): Promise<StoredDeletion | undefined> {
  const query = db.selectFrom("deletion").select(COLUMNS);
  const found = "id" in by ? query.where("id", "=", by.id) : query.where("code_hash", "=", by.codeHash);
  const [deletion] = await withParts(db, await found.execute());
  return deletion;
}

/** Those that lack a receipt, the oldest first. */
export async function selectOpenDeletions(db: Reader): Promise<readonly StoredDeletion[]> {
  const rows = await db
    .selectFrom("deletion")
    .select(COLUMNS)
    .where("closed_at", "is", null)
    .orderBy("begun_at")
    .execute();
  return withParts(db, rows);
}

async function withParts(db: Reader, rows: readonly Row[]): Promise<readonly StoredDeletion[]> {
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return [];
  const stores = await db
    .selectFrom("deletion_store")
    .selectAll()
    .where("deletion_id", "in", ids)
    .orderBy("store")
    .execute();
  const gates = (
    await sql<
      DeletionGateTable & { readonly online: boolean; readonly state: string; readonly at: number | null }
    >`
      select g.*, d.online from deletion_gate g join gate_device d using (gate_id)
      where deletion_id = any(${ids}::uuid[]) order by name, gate_id`.execute(db)
  ).rows;
  return rows.map((row) => ({
    ...row,
    ground: known(DELETION_GROUNDS, row.ground),
    closedAt: row.closedAt ?? undefined,
    stores: stores
      .filter((one) => one.deletion_id === row.id)
      .map(({ store, at }) => ({ store: known(DELETION_STORES, store), at: at ?? undefined })),
    gates: gates
      .filter((one) => one.deletion_id === row.id)
      .map((one) => ({
        gateId: one.gate_id,
        name: one.name,
        state: known(DELETION_GATE_STATES, one.state),
        isOnline: one.online,
        at: one.at ?? undefined,
        deviceKey: one.device_key ?? undefined,
        receipt: one.receipt ?? undefined,
      })),
  }));
}

/** What a gate has not answered yet, the oldest first. */
export async function selectDue(
  db: Reader,
  gateId: string,
): Promise<readonly { readonly id: string; readonly credentialKeys: readonly Uint8Array[] }[]> {
  const rows = await db
    .selectFrom("deletion_gate")
    .innerJoin("deletion", "deletion.id", "deletion_gate.deletion_id")
    .select(["deletion.id", "deletion.credential_keys as credentialKeys"])
    .where("deletion_gate.gate_id", "=", gateId)
    .where("deletion_gate.state", "=", "awaiting")
    .orderBy("deletion.begun_at")
    .execute();
  return rows;
}

/** The first receipt of a gate counts; a later one says the same. */
export async function putReceipt(
  db: Reader,
  answer: {
    readonly deletionId: string;
    readonly gateId: string;
    readonly at: number;
    readonly deviceKey: Uint8Array;
    readonly receipt: Uint8Array;
  },
): Promise<void> {
  await db
    .updateTable("deletion_gate")
    .set({
      state: "answered",
      at: moment(answer.at),
      device_key: Buffer.from(answer.deviceKey),
      receipt: Buffer.from(answer.receipt),
    })
    .where("deletion_id", "=", answer.deletionId)
    .where("gate_id", "=", answer.gateId)
    .where("state", "=", "awaiting")
    .execute();
}

/** Gates that are no gates of this community any more are not waited for. */
export async function releaseGates(db: Reader, at: number): Promise<void> {
  await sql`update deletion_gate g set state = 'released', at = ${moment(at)} from gate_device d
    where g.gate_id = d.gate_id and g.state = 'awaiting' and d.enrolment <> 'enrolled'`.execute(db);
}

export async function putStore(db: Reader, id: string, store: DeletionStore, at: number): Promise<void> {
  await db
    .updateTable("deletion_store")
    .set({ at: moment(at) })
    .where("deletion_id", "=", id)
    .where("store", "=", store)
    .where("at", "is", null)
    .execute();
}

/** Closes what has all receipts; the credential keys go then. */
export async function closeComplete(db: Reader, at: number): Promise<void> {
  await sql`update deletion set closed_at = ${moment(at)}, credential_keys = '{}'
    where closed_at is null
      and not exists (select from deletion_store s where s.deletion_id = id and s.at is null)
      and not exists (select from deletion_gate g where g.deletion_id = id and g.state = 'awaiting')`.execute(
    db,
  );
}

/** Closed ones whose last trace in the record is gone: nobody needs their receipts here any more. */
export async function deleteOld(db: Reader, at: number): Promise<void> {
  await db
    .deleteFrom("deletion")
    .where("closed_at", "is not", null)
    .where("records_until", "<", moment(at))
    .execute();
}

export async function setCode(db: Reader, id: string, codeHash: Uint8Array): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("deletion")
    .set({ code_hash: Buffer.from(codeHash) })
    .where("id", "=", id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function putOwnCode(trx: Trx, personId: string, codeHash: Uint8Array): Promise<void> {
  const hash = { code_hash: Buffer.from(codeHash) };
  await trx
    .insertInto("deletion_code")
    .values({ person_id: personId, ...hash })
    .onConflict((conflict) => conflict.column("person_id").doUpdateSet(hash))
    .execute();
}

/**
 * How many rows say this person's id, in every table that has a column for one. Left out: the record of deletions itself.
 */
export async function countRowsAbout(db: Reader, personId: string): Promise<number> {
  const { rows: columns } = await sql<{ schema: string; table: string; column: string; isList: boolean }>`
    select table_schema as schema, table_name as table, column_name as column,
      data_type = 'ARRAY' as "isList"
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_type = 'BASE TABLE' and table_schema in ('public', 'keys') and table_name <> 'deletion'
      and (udt_name in ('uuid', '_uuid') and column_name ~ '(^|_)(person|guardian|subject)_ids?$'
        or table_name = 'person' and column_name = 'id'
        or table_name = 'subject_salt' and column_name = 'id')`.execute(db);
  let count = 0;
  for (const { schema, table, column, isList } of columns) {
    const [from, what] = [sql.table(`${schema}.${table}`), sql.ref(column)];
    const { rows } = await (isList
      ? sql<{ n: number }>`select count(*) as n from ${from} where ${personId}::uuid = any (${what})`.execute(
          db,
        )
      : sql<{ n: number }>`select count(*) as n from ${from} where ${what} = ${personId}::uuid`.execute(db));
    count += rows[0]?.n ?? 0;
  }
  return count;
}

/** How many trail keys a person has registered. */
export async function countTrailKeys(db: Reader, personId: string): Promise<number> {
  const rows = await db.selectFrom("resident_key").select("id").where("person_id", "=", personId).execute();
  return rows.length;
}

/** Of these people, those who are in the register. */
export async function selectPresent(db: Reader, personIds: readonly string[]): Promise<readonly string[]> {
  if (personIds.length === 0) return [];
  const rows = await db
    .selectFrom("person")
    .select("id")
    .where("id", "in", [...personIds])
    .execute();
  return rows.map(({ id }) => id);
}

/** Everybody whose deletion was recorded. */
export async function selectDeletedIds(db: Reader): Promise<readonly string[]> {
  const rows = await db.selectFrom("deletion").select("person_id").distinct().execute();
  return rows.map(({ person_id: id }) => id);
}
