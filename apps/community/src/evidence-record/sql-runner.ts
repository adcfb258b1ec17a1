import { CompiledQuery } from "kysely";
import type { PoolClient, QueryResultRow } from "pg";
import type { Reader } from "../database/database.ts";

/** A transaction of the feature slices or of the gate link: leaves are recorded in both. */
export type SqlScope = Reader | Pick<PoolClient, "query">;

/** Runs a statement with `$1`-style parameters; `bigint` and times come as the scope's driver reads them. */
export async function runSql<Row extends QueryResultRow>(
  scope: SqlScope,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  if ("executeQuery" in scope) {
    const { rows } = await scope.executeQuery<Row>(CompiledQuery.raw(text, [...values]));
    return rows;
  }
  const { rows } = await scope.query<Row>(text, [...values]);
  return rows;
}
