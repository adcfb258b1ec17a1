import { type RawBuilder, sql } from "kysely";
import pg from "pg";

/** INVARIANT: no column is a varchar but those whose text is sealed under a person's key; a test looks. */
const OID = { int8: 20, varchar: 1043, date: 1082, timestamptz: 1184 } as const;

/**
 * A pool that reads `bigint` as number, `timestamptz` as Unix milliseconds and `date` as text; whoever needs the driver's
 * own types opens another.
 *
 * @param connection what `pg` takes: a URL, or host, port, user, password; `max` is 12 unless it says
 * @param onError told of idle connections that the server closed; the next query opens another
 * @param openText opens what is sealed under a person's key; absent: it comes as it is stored
 */
export function openTypedPool(
  connection: pg.PoolConfig,
  onError: (error: Error) => void,
  openText?: (stored: string) => string,
): pg.Pool {
  const pool = new pg.Pool({
    max: 12,
    // A request never waits for ever: not for a free connection, not for a lock, not for an answer.
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    ...connection,
    types: { getTypeParser: (oid: number, format?: "text" | "binary") => parserOf(oid, format, openText) },
  });
  pool.on("error", onError);
  return pool;
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
