import type { evidenceEndpoints, QueryOf } from "@menshen/wire";
import { sql } from "kysely";
import { decodeCursor } from "../../database/cursor.ts";
import { moment, type Reader } from "../../database/database.ts";

/** Public statements, newest first, one more than `limit`. */
export function selectPublicStatements(
  db: Reader,
  query: NonNullable<QueryOf<typeof evidenceEndpoints.statements>>,
  limit: number,
) {
  let select = db
    .selectFrom("evidence_statement")
    .select(["leaf_id", "at", "topic"])
    .where("public", "=", true)
    .orderBy("at", "desc")
    .orderBy("leaf_id", "desc")
    .limit(limit + 1);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where((eb) => eb(eb.refTuple("at", "leaf_id"), "<", eb.tuple(moment(at), eb.val(id))));
  }
  if (query.topic !== undefined) select = select.where("topic", "=", query.topic);
  if (query.from !== undefined) select = select.where("at", ">=", moment(query.from));
  if (query.until !== undefined) select = select.where("at", "<", moment(query.until));
  return select.execute();
}

/** How far the log is, and how far it was shown. */
export async function selectLogSizes(db: Reader) {
  const { rows } = await sql<{
    signed_size: number | null;
    published_size: number | null;
    published_at: number | null;
    unpublished_since: number | null;
    waiting: number;
  }>`
    with shown as (
      select size, at from evidence_checkpoint where published is not null order by size desc limit 1
    )
    select (select max(size) from evidence_checkpoint) as signed_size,
      (select size from shown) as published_size,
      (select at from shown) as published_at,
      (select min(at) from evidence_checkpoint where size > coalesce((select size from shown), -1))
        as unpublished_since,
      (select count(*) from evidence_pending) as waiting`.execute(db);
  const [row] = rows;
  return {
    signedSize: row?.signed_size ?? 0,
    publishedSize: row?.published_size ?? 0,
    publishedAt: row?.published_at ?? undefined,
    /** When the oldest checkpoint was signed that nobody has been shown. */
    unpublishedSince: row?.unpublished_since ?? undefined,
    waiting: row?.waiting ?? 0,
  };
}
