import { sql } from "kysely";
import type { Reader } from "../../database/database.ts";
import type { LineTable } from "../../evidence-record/index.ts";

/** Leaf ids by their place in the log. */
export async function selectLeafIds(
  db: Reader,
  first: number,
  count: number,
): Promise<ReadonlyMap<number, string>> {
  const rows = await db
    .selectFrom("evidence_leaf")
    .select(["index", "leaf_id"])
    .where("index", ">=", first)
    .where("index", "<", first + count)
    .execute();
  return new Map(rows.map((row) => [row.index, row.leaf_id]));
}

/** A look as it is stored. */
export interface StoredView {
  readonly id: string;
  readonly at: number;
  readonly staff_id: string;
  readonly person_id: string;
  readonly body: string;
  readonly role: string;
  readonly purpose: string;
  readonly purpose_text: string | null;
  readonly what: string;
}

/** Looks by the leaf that holds them. */
export async function selectViewsOf(
  db: Reader,
  leafIds: readonly string[],
): Promise<ReadonlyMap<string, StoredView>> {
  if (leafIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("personal_view")
    .selectAll()
    .where("leaf_id", "in", [...leafIds])
    .execute();
  return new Map(rows.map((row) => [row.leaf_id, row]));
}

/** Ids of lines that no statement names, lowest first. */
export async function selectUnrecordedLines(
  db: Reader,
  table: LineTable,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id::text from ${sql.table(table === "change" ? "change" : "gate_alarm")} where id not in (
      select (line ->> 'id')::bigint from evidence_statement, jsonb_array_elements(statement::jsonb -> 'rows') as line
      where topic = 'administration-recorded' and statement::jsonb ->> 'table' = ${table})
    order by id limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Ids of looks without a statement. */
export async function selectUnrecordedViews(db: Reader, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("personal_view")
    .select("id")
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("evidence_statement")
            .select("evidence_statement.leaf_id")
            .whereRef("evidence_statement.leaf_id", "=", "personal_view.leaf_id"),
        ),
      ),
    )
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** What public statements in the log say of deleted records. */
export async function selectDeletions(db: Reader): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("evidence_statement")
    .innerJoin("evidence_leaf", "evidence_leaf.leaf_id", "evidence_statement.leaf_id")
    .select("evidence_statement.statement")
    .where("topic", "=", "records-deleted")
    .execute();
  return rows.map(({ statement }) => statement);
}

/** Leaves whose statements are gone (`undefined`: one without a place yet), and how many went with erased persons. */
export async function selectErasedCounts(
  db: Reader,
): Promise<{ readonly missing: readonly (number | undefined)[]; readonly said: number }> {
  const { rows } = await sql<{ index: number | null }>`
    select index from (
      select leaf_id, index from evidence_leaf union all select leaf_id, null from evidence_pending
    ) as leaf where not exists (select from evidence_statement s where s.leaf_id = leaf.leaf_id)`.execute(db);
  const said = await sql<{ said: number }>`
    select coalesce(sum((statement::jsonb ->> 'statements')::bigint), 0)::bigint as said
    from evidence_statement s where topic = 'person-erased' and (
      exists (select from evidence_leaf l where l.leaf_id = s.leaf_id)
      or exists (select from evidence_pending p where p.leaf_id = s.leaf_id))`.execute(db);
  return { missing: rows.map(({ index }) => index ?? undefined), said: said.rows[0]?.said ?? 0 };
}
