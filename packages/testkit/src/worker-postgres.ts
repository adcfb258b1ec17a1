import { chmodSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { makeLogger } from "@menshen/service-kit";
import { migrate, type PostgresConnection, startPostgres } from "@menshen/service-kit/postgres";
import pg from "pg";
import { inject } from "vitest";
import { closeAfterwards } from "./close-afterwards.ts";
import "./database-folder.ts";

/** What a power cut would cost matters to no test that shares the server. Commits still outlive a killed process. */
const UNSYNCED = ["fsync", "full_page_writes"];

/** `object_in_use`: PostgreSQL has waited five seconds for others to leave. */
const IN_USE = "55006";

let server: Promise<PostgresConnection> | undefined;
const templates = new Map<string, Promise<string>>();
let number = 0;

/**
 * A fresh database with the tables of an app, for one test file or one test, gone after it. The server behind it is real,
 * and the same for all files of a worker: it is started for the first of them, and ends with the worker.
 *
 * @param migrations folder of the app's SQL files, which are run once for all databases of a worker
 */
export async function makeWorkerDatabase(app: string, migrations: string): Promise<PostgresConnection> {
  server ??= startServer();
  const admin = await server;
  let template = templates.get(app);
  if (template === undefined) {
    template = makeTemplate(admin, `${app}_migrated`, migrations);
    templates.set(app, template);
  }
  number += 1;
  const connection = { ...admin, database: `${app}_${number}` };
  await query(admin, `create database ${connection.database} template ${await template}`);
  closeAfterwards(() => drop(admin, connection.database));
  return connection;
}

/**
 * A pool has ended before the last of its connections has: those are waited for, since one that is cut has nobody left who
 * would take its error. Whoever stays longer is cut all the same.
 */
async function drop(admin: PostgresConnection, database: string): Promise<void> {
  try {
    await query(admin, `drop database ${database}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== IN_USE) throw error;
    await query(admin, `drop database ${database} with (force)`);
  }
}

async function startServer(): Promise<PostgresConnection> {
  const stateDirectory = mkdtempSync(join(inject("databaseFolder"), "worker-"));
  chmodSync(stateDirectory, 0o711);
  const { connection } = await startPostgres({
    stateDirectory,
    logger: makeLogger({ app: "test", level: "error" }),
  });
  for (const setting of UNSYNCED) await query(connection, `alter system set ${setting} = off`);
  await query(connection, "select pg_reload_conf()");
  return connection;
}

async function makeTemplate(admin: PostgresConnection, name: string, migrations: string): Promise<string> {
  await query(admin, `create database ${name}`);
  const client = new pg.Client({ ...admin, database: name });
  await client.connect();
  await migrate(client, migrations);
  await client.end();
  return name;
}

async function query(connection: PostgresConnection, text: string): Promise<void> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
