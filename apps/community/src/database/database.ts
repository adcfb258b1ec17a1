import { moment, openTypedPool } from "@menshen/service-kit/postgres";
import { Kysely, PostgresDialect, type RawBuilder, type Transaction } from "kysely";
import type pg from "pg";
import type { Tables } from "./tables.ts";

export { isDuplicate, moment } from "@menshen/service-kit/postgres";

export type Database = Kysely<Tables>;
export type Trx = Transaction<Tables>;
/** Reads work inside and outside a transaction. */
export type Reader = Database | Trx;

/**
 * A pool for the feature slices; see `openTypedPool`.
 *
 * @param openText opens what is sealed under a person's key; absent: it comes as it is stored
 */
export function openDatabase(
  connection: pg.PoolConfig,
  onError: (error: Error) => void,
  openText?: (stored: string) => string,
): Database {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: openTypedPool(connection, onError, openText) }),
  });
}

/** As {@link moment}; `null` for an absent one. */
export function optionalMoment(epochMs: number | null | undefined): RawBuilder<number> | null {
  return epochMs === null || epochMs === undefined ? null : moment(epochMs);
}

/** A pattern for `ilike` that finds `text` anywhere, with its own wildcards taken literally. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
