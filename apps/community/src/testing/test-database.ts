import { chmodSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeLogger } from "@menshen/service-kit";
import { migrate, type PostgresConnection, startPostgres } from "@menshen/service-kit/postgres";
import pg from "pg";
import { afterAll, inject } from "vitest";
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
 * A fresh, migrated database for one test file, gone after its last test. The server behind it is real, and the same for
 * all files of a worker: it is started for the first of them, and ends with the worker.
 *
 * @param openText as `openDatabase` takes it
 */
export async function startTestDatabase(openText?: (stored: string) => string): Promise<TestDatabase> {
  server ??= startServer();
  const template = await server;
  number += 1;
  const connection = { ...template, database: `community_${number}` };
  await query(template, `create database ${connection.database} template ${TEMPLATE}`);
  const pool = new pg.Pool({ ...connection, max: 8 });
  const db = openDatabase(connection, () => {}, openText);
  afterAll(async () => {
    await db.destroy();
    await pool.end();
    await query(template, `drop database ${connection.database} with (force)`);
  });
  return { db, pool, connection };
}

const TEMPLATE = "migrated";
let server: Promise<PostgresConnection> | undefined;
let number = 0;

async function startServer(): Promise<PostgresConnection> {
  const stateDirectory = mkdtempSync(join(inject("databaseFolder"), "worker-"));
  chmodSync(stateDirectory, 0o711);
  const { connection } = await startPostgres({ stateDirectory, logger: quietLogger });
  await query(connection, `create database ${TEMPLATE}`);
  const client = new pg.Client({ ...connection, database: TEMPLATE });
  await client.connect();
  await migrate(client, MIGRATIONS);
  await client.end();
  return connection;
}

async function query(connection: PostgresConnection, text: string): Promise<void> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  await client.query(text);
  await client.end();
}
