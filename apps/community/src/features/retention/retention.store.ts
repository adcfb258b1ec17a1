import { type RawBuilder, sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { IS_ENTRY_SQL } from "../../gate-link/index.ts";

/** How far a deletion went. */
export interface DeletedBefore {
  readonly before: number;
  readonly deletedAt: number;
}

export interface RecordSettings {
  readonly recordRetentionDays: number;
  readonly revision: number;
}

export async function selectRecordSettings(db: Reader): Promise<RecordSettings> {
  const row = await db
    .selectFrom("record_setting")
    .select(["retention_days as recordRetentionDays", "revision"])
    .executeTakeFirstOrThrow();
  return row;
}

export async function updateRecordRetention(trx: Trx, days: number): Promise<void> {
  await trx
    .updateTable("record_setting")
    .set((eb) => ({ retention_days: days, revision: eb("revision", "+", 1) }))
    .execute();
}

/** Until the end of the transaction, nobody else changes the setting or deletes records. */
export async function lockRetention(trx: Trx): Promise<void> {
  await sql`select 1 from record_setting for update`.execute(trx);
}

export async function selectDeleted(
  db: Reader,
): Promise<{ entries?: DeletedBefore; records?: DeletedBefore }> {
  const rows = await db.selectFrom("retention_state").selectAll().execute();
  return Object.fromEntries(
    rows.map(({ kind, before, deleted_at: deletedAt }) => [kind, { before, deletedAt }]),
  );
}

/** Notes that nothing of the kind from before `before` is kept; never takes a step back. */
export async function putDeleted(
  db: Reader,
  kind: "entries" | "records",
  { before, deletedAt }: DeletedBefore,
): Promise<void> {
  await sql`insert into retention_state (kind, before, deleted_at)
    values (${kind}, ${moment(before)}, ${moment(deletedAt)})
    on conflict (kind) do update set before = excluded.before, deleted_at = excluded.deleted_at
    where retention_state.before < excluded.before`.execute(db);
}

/** Lets this transaction delete records from before a moment. */
async function mayDeleteBefore(trx: Trx, before: number): Promise<void> {
  await sql`select set_config('menshen.deleted_before', ${new Date(before).toISOString()}, true)`.execute(
    trx,
  );
}

const IS_ENTRY = sql.raw(IS_ENTRY_SQL);

/**
 * Deletes some events from before a moment. One from before `anchor` has no time of its own (its gate's clock never ran)
 * and goes by when it came.
 *
 * @returns how many went; fewer than `limit`: there are no more
 */
export async function deleteEvents(
  trx: Trx,
  kind: "entries" | "records",
  time: { readonly before: number; readonly anchor: number },
  limit: number,
): Promise<number> {
  await mayDeleteBefore(trx, time.before);
  const before = moment(time.before);
  const anchor = moment(time.anchor);
  const isOver = sql`${kind === "entries" ? IS_ENTRY : sql`not ${IS_ENTRY}`} and at < ${before}
    and (at >= ${anchor} or received_at < ${before})`;
  const fromEvent = await deleteFrom(trx, sql`event`, isOver, limit);
  return fromEvent + (await deleteFrom(trx, sql`event_replaced`, isOver, limit - fromEvent));
}

async function deleteFrom(
  trx: Trx,
  table: RawBuilder<unknown>,
  isOver: RawBuilder<unknown>,
  limit: number,
): Promise<number> {
  if (limit <= 0) return 0;
  // A row is named by its table and its place in it: `event` is made of partitions.
  const { numAffectedRows } = await sql`delete from ${table} where (tableoid, ctid) in
    (select tableoid, ctid from ${table} where ${isOver} limit ${limit})`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

/**
 * Deletes the copies of entries that ended requests took in, once what was sealed in their window is dead. What is not
 * handed over yet, and what a hold keeps, stays.
 */
export async function deleteCopies(trx: Trx, before: number): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from opening where state <> 'requested' and result is null
      and (hold_until is null or hold_ended_at is not null or state <> 'answered')
      and (statement::jsonb ->> 'until')::bigint <= ${before}
      and exists (select from opening_entry where opening_id = opening.id)
    for update`.execute(trx);
  for (const { id } of rows) {
    await trx.deleteFrom("opening_held").where("opening_id", "=", id).execute();
    const [gone] = await trx.deleteFrom("opening_entry").where("opening_id", "=", id).execute();
    await trx
      .updateTable("opening")
      .set({ forgotten_count: Number(gone?.numDeletedRows ?? 0n) })
      .where("id", "=", id)
      .execute();
  }
}

/** Deletes scans of documents from before a moment that no request needs any more: each is disclosed that names one. */
export async function deletePapers(trx: Trx, before: number): Promise<void> {
  await sql`delete from opening_document as paper where handed_in_at < ${moment(before)} and not exists (
    select from opening where disclosed_at is null and position(encode(paper.sha256, 'hex') in statement) > 0
  )`.execute(trx);
}

/** What a batch of deleted records was. */
export interface DeletedRecords {
  /** Places of their leaves in the log, ascending. */
  readonly leaves: readonly number[];
  readonly rows: Readonly<Record<"change" | "gate-alarm" | "personal-view", number>>;
}

/**
 * Deletes the oldest records from before a moment, whole leaves of them at a time, with their statements: of the leaves
 * the commitment stays, which tells nothing. Alarms stay until all of their leaf were cleared before that moment.
 */
export async function deleteRecords(trx: Trx, before: number, limit: number): Promise<DeletedRecords> {
  await mayDeleteBefore(trx, before);
  const { rows: over } = await sql<{
    leaf_id: string;
    index: number;
    table: string | null;
    lines: string[] | null;
  }>`
    with over as (
      select s.leaf_id, l.index, s.statement::jsonb as said from evidence_statement s
      join evidence_leaf l using (leaf_id)
      where s.topic in ('administration-recorded', 'personal-data-viewed') and s.at < ${moment(before)}
    ), lined as (
      select leaf_id, index, said ->> 'table' as "table",
        (select array_agg(line ->> 'id') from jsonb_array_elements(said -> 'rows') as line) as lines
      from over
    )
    select * from lined where "table" is distinct from 'gate-alarm' or not exists (
      select from gate_alarm where id = any (lines::bigint[]) and (cleared_at is null or cleared_at >= ${moment(before)})
    ) order by index limit ${limit}`.execute(trx);
  const linesOf = (name: string) => over.flatMap(({ table, lines }) => (table === name ? (lines ?? []) : []));
  const leafIds = over.map(({ leaf_id: leafId }) => leafId);
  const changes = await sql`delete from change where id = any (${linesOf("change")}::bigint[])`.execute(trx);
  const alarms =
    await sql`delete from gate_alarm where id = any (${linesOf("gate-alarm")}::bigint[])`.execute(trx);
  const views = await sql`delete from personal_view where leaf_id = any (${leafIds}::uuid[])`.execute(trx);
  await sql`delete from evidence_statement where leaf_id = any (${leafIds}::uuid[])`.execute(trx);
  return {
    leaves: over.map(({ index }) => index),
    rows: {
      change: Number(changes.numAffectedRows ?? 0n),
      "gate-alarm": Number(alarms.numAffectedRows ?? 0n),
      "personal-view": Number(views.numAffectedRows ?? 0n),
    },
  };
}
