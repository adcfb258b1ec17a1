import { moment, openTypedPool } from "@menshen/service-kit/postgres";
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import type pg from "pg";
import type { Tables } from "./tables.ts";

export { isDuplicate, moment } from "@menshen/service-kit/postgres";

export type Database = Kysely<Tables>;
export type Trx = Transaction<Tables>;
/** Reads work inside and outside a transaction. */
export type Reader = Database | Trx;

/** A pool for the feature slices; see `openTypedPool`. */
export function openDatabase(connection: pg.PoolConfig, onError: (error: Error) => void): Database {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openTypedPool(connection, onError) }) });
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
