import { Kysely, PostgresDialect, type RawBuilder, sql, type Transaction } from "kysely";
import pg from "pg";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;
export type Trx = Transaction<Tables>;
/** Reads work inside and outside a transaction. */
export type Reader = Database | Trx;

/** INVARIANT: no column is a varchar but those whose text is sealed under a person's key; a test looks. */
const OID = { int8: 20, varchar: 1043, date: 1082, timestamptz: 1184 } as const;

/**
 * A pool for the feature slices. It reads `bigint` as number, `timestamptz` as Unix milliseconds and `date` as text;
 * whoever needs the driver's own types opens another pool.
 *
 * @param connection what `pg` takes: a URL, or host, port, user, password
 * @param openText opens what is sealed under a person's key; absent: it comes as it is stored
 */
export function openDatabase(
  connection: pg.PoolConfig,
  onError: (error: Error) => void,
  openText?: (stored: string) => string,
): Database {
  const pool = new pg.Pool({
    max: 12,
    // A request never waits for ever: not for a free connection, not for a lock, not for an answer.
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    ...connection,
    types: { getTypeParser: (oid: number, format?: "text" | "binary") => parserOf(oid, format, openText) },
  });
  // Idle connections that the server closes end here; the next query opens another.
  pool.on("error", onError);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

function parserOf(
  oid: number,
  format: "text" | "binary" = "text",
  openText?: (stored: string) => string,
): (value: string) => unknown {
  if (format === "text") {
    if (oid === OID.int8) return Number;
    if (oid === OID.varchar && openText !== undefined) return openText;
    if (oid === OID.date) return (text) => text;
    if (oid === OID.timestamptz) {
      const parseDate = pg.types.getTypeParser(OID.timestamptz, "text");
      return (text) => Number(parseDate(text));
    }
  }
  return pg.types.getTypeParser(oid, format === "binary" ? "text" : format);
}

/** Unix milliseconds as PostgreSQL takes them: the way to write and to compare every `timestamptz`. */
export function moment(epochMs: number): RawBuilder<number> {
  return sql<number>`${new Date(epochMs)}::timestamptz`;
}

/** As {@link moment}; `null` for an absent one. */
export function optionalMoment(epochMs: number | null | undefined): RawBuilder<number> | null {
  return epochMs === null || epochMs === undefined ? null : moment(epochMs);
}

/** True if `error` is PostgreSQL's refusal of a second row with the same key. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}

/** PostgreSQL says it goes down or is not up yet (class 57), or the connection broke (class 08, the socket itself). */
const GONE = new Set([
  "57P01",
  "57P02",
  "57P03",
  "08000",
  "08001",
  "08003",
  "08006",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
]);

/** True if `error` says that the database cannot be reached now, so that asking again later makes sense. */
export function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && GONE.has(error.code)) return true;
  // The driver has no code for a connection that ends in the middle of a query, or that none was free in time.
  return /^(Connection terminated|timeout exceeded when trying to connect)/.test(error.message);
}

/** A pattern for `ilike` that finds `text` anywhere, with its own wildcards taken literally. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
