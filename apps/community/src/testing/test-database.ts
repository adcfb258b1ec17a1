import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeLogger, migrate, startPostgres } from "@menshen/service-kit";
import pg from "pg";
import { afterAll } from "vitest";
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

/** A real server with a fresh, migrated database for one test file; both are gone after its last test. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const stateDirectory = mkdtempSync(join(tmpdir(), "menshen-community-"));
  // The database's own user must be able to pass.
  chmodSync(stateDirectory, 0o711);
  const server = await startPostgres({ stateDirectory, logger: quietLogger });
  const client = new pg.Client(server.connection);
  await client.connect();
  await migrate(client, MIGRATIONS);
  await client.end();
  const pool = new pg.Pool({ ...server.connection, max: 8 });
  const db = openDatabase(server.connection, () => {});
  afterAll(async () => {
    await db.destroy();
    await pool.end();
    await server.stop();
    rmSync(stateDirectory, { recursive: true, force: true });
  });
  return { db, pool, connection: { ...server.connection } };
}
