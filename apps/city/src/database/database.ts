import { Kysely, PostgresDialect, type RawBuilder, sql, type Transaction } from "kysely";
import pg from "pg";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;
export type Trx = Transaction<Tables>;
/** Reads work inside and outside a transaction. */
export type Reader = Database | Trx;

const OID = { int8: 20, date: 1082, timestamptz: 1184 } as const;

/** A pool that reads `bigint` as number, `timestamptz` as Unix milliseconds and `date` as text. */
export function openDatabase(connection: pg.PoolConfig, onError: (error: Error) => void): Database {
  const pool = new pg.Pool({
    max: 8,
    // A request never waits for ever: not for a free connection, not for a lock, not for an answer.
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    ...connection,
    types: { getTypeParser: parserOf },
  });
  // Idle connections that the server closes end here; the next query opens another.
  pool.on("error", onError);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

function parserOf(oid: number, format: "text" | "binary" = "text"): (value: string) => unknown {
  if (format === "text") {
    if (oid === OID.int8) return Number;
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

/** True if `error` is PostgreSQL's refusal of a second row with the same key. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}

/** Notes what an officer did, in the transaction that does it. */
export async function recordAct(
  trx: Trx,
  act: {
    readonly at: number;
    readonly officerId: string | null;
    readonly action: string;
    readonly entityId: string;
  },
): Promise<void> {
  await trx
    .insertInto("act")
    .values({
      at: moment(act.at),
      officer_id: act.officerId,
      action: act.action,
      entity_id: act.entityId,
    })
    .execute();
}
