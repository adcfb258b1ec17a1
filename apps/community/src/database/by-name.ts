import { type SelectQueryBuilder, sql } from "kysely";
import { cutPage, decodeCursor } from "./cursor.ts";
import { optional, type RecordTable } from "./records.ts";

const DEFAULT_LIMIT = 100;

interface Named {
  readonly id: string;
  readonly name: string;
}

interface PageQuery {
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Whether removed records are listed instead of those that are there. */
  readonly removed?: boolean | undefined;
}

/**
 * One page of records, by name and then id.
 *
 * Throws `invalid-request` for a cursor that no page gave.
 * @param records query over `table`, without order and limit
 */
export async function pageByName<DB, TB extends keyof DB, Row extends Named, Item>(
  records: SelectQueryBuilder<DB, TB, Row>,
  table: RecordTable,
  query: PageQuery,
  view: (row: Row) => Item,
): Promise<{ readonly items: Item[]; readonly nextCursor?: string }> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const [id, name, removedAt] = [
    sql.ref(`${table}.id`),
    sql.ref(`${table}.name`),
    sql.ref(`${table}.removed_at`),
  ];
  let select = records
    .where(query.removed ? sql<boolean>`${removedAt} is not null` : sql<boolean>`${removedAt} is null`)
    .orderBy(name)
    .orderBy(id)
    .limit(limit + 1);
  if (query.cursor !== undefined) {
    const after = decodeCursor(query.cursor, ["string", "string"]);
    select = select.where(sql<boolean>`(${name}, ${id}) > (${after[0]}, ${after[1]})`);
  }
  const page = cutPage(await select.execute(), limit, (row) => [row.name, row.id]);
  return { items: page.rows.map(view), ...optional("nextCursor", page.nextCursor) };
}
