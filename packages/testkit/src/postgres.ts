import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeLogger } from "@menshen/service-kit";
import { migrate, type PostgresConnection, startPostgres } from "@menshen/service-kit/postgres";
import pg from "pg";
import { ROOT } from "./system/processes.ts";

/** A PostgreSQL of a test's own with the community server's tables. */
export interface TestPostgres {
  readonly connection: PostgresConnection;
  readonly pool: pg.Pool;
  /** Process of the running server; another one after it was killed. */
  readonly postmaster: () => number | undefined;
  /**
   * A copy of the database as it is now, under a name of its own: what a backup would bring back. Connections are cut;
   * the pool opens others.
   */
  readonly copy: (name: string) => Promise<pg.Pool>;
  readonly stop: () => Promise<void>;
}

/** Starts a real server with a fresh, migrated database; `stop` leaves nothing behind. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const stateDirectory = mkdtempSync(join(tmpdir(), "menshen-postgres-"));
  // The database's own user must be able to pass.
  chmodSync(stateDirectory, 0o711);
  const server = await startPostgres({ stateDirectory, logger: makeLogger({ app: "test", level: "error" }) });
  const admin = { ...server.connection };
  const connection = { ...server.connection, database: "community" };
  await query(admin, "create database community");
  const client = new pg.Client(connection);
  await client.connect();
  await migrate(client, join(ROOT, "apps/community/migrations"));
  await client.end();
  const pools: pg.Pool[] = [];
  const open = (database: string) => {
    const pool = new pg.Pool({ ...connection, database, max: 8 });
    // A server that is killed takes idle connections with it; the next query opens another.
    pool.on("error", () => {});
    pools.push(pool);
    return pool;
  };
  return {
    connection,
    pool: open("community"),
    postmaster: () => server.pids().postmaster,
    async copy(name) {
      // A template must not be in use.
      await query(
        admin,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'community'",
      );
      await query(admin, `create database ${pg.escapeIdentifier(name)} template community`);
      return open(name);
    },
    async stop() {
      await Promise.all(pools.map((pool) => pool.end()));
      await server.stop();
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}

async function query(connection: PostgresConnection, text: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query(text);
  await client.end();
}
