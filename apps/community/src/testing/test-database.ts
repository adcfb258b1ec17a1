import { fileURLToPath } from "node:url";
import { makeLogger } from "@menshen/service-kit";
import { closeAfterwards } from "@menshen/testkit/close-afterwards";
import { makeWorkerDatabase } from "@menshen/testkit/worker-postgres";
import pg from "pg";
import { type Database, openDatabase } from "../database/database.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations/", import.meta.url));

export interface TestDatabase {
  readonly db: Database;
  /** With the driver's own types, as the gate link wants it. */
  readonly pool: pg.Pool;
  /** For further connections. */
  readonly connection: pg.PoolConfig;
}

export const quietLogger = makeLogger({ app: "test", level: "error" });

/**
 * A fresh, migrated database for one test file or one test, gone after it.
 *
 * @param openText as `openDatabase` takes it
 */
export async function startTestDatabase(openText?: (stored: string) => string): Promise<TestDatabase> {
  const connection = await makeWorkerDatabase("community", MIGRATIONS);
  const pool = new pg.Pool({ ...connection, max: 8 });
  const db = openDatabase(connection, () => {}, openText);
  closeAfterwards(async () => {
    await db.destroy();
    await pool.end();
  });
  return { db, pool, connection };
}
