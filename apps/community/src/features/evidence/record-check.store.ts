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
