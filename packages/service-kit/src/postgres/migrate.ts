import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256, toHex } from "@menshen/crypto/node";
import type { ClientBase } from "pg";
import { ServiceError } from "../errors.ts";

/** Any constant of our own: two servers that start at once migrate one after the other. */
const MIGRATION_LOCK = 5_267_316;

/**
 * Runs the files `NNNN-name.sql` of a directory that have not run yet, in the order of their names, each in its own
 * transaction. Answers with the names that ran.
 *
 * @throws {ServiceError} `migration-failed`: a file fails, or one that has run was changed or is gone
 */
export async function migrate(client: ClientBase, directory: string): Promise<readonly string[]> {
  const files = readdirSync(directory)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort();
  await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
  try {
    await client.query(
      `create table if not exists migration (
         name text primary key, digest text not null, ran_at timestamptz not null default now()
       )`,
    );
    const { rows } = await client.query<{ name: string; digest: string }>(
      "select name, digest from migration",
    );
    const ran = new Map(rows.map((row) => [row.name, row.digest]));
    for (const name of ran.keys()) {
      if (!files.includes(name)) {
        throw new ServiceError("migration-failed", `${name}: it has run here, and is gone`);
      }
    }
    const fresh: string[] = [];
    for (const name of files) {
      const bytes = readFileSync(join(directory, name));
      const sql = bytes.toString("utf8");
      const digest = toHex(sha256(bytes));
      const before = ran.get(name);
      if (before === undefined) {
        await runOne(client, name, sql, digest);
        fresh.push(name);
      } else if (before !== digest) {
        throw new ServiceError("migration-failed", `${name}: it was changed after it had run here`);
      }
    }
    return fresh;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]);
  }
}

async function runOne(client: ClientBase, name: string, sql: string, digest: string): Promise<void> {
  try {
    await client.query("begin");
    await client.query(sql);
    await client.query("insert into migration (name, digest) values ($1, $2)", [name, digest]);
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback");
    throw new ServiceError("migration-failed", `${name}: ${cause instanceof Error ? cause.message : ""}`, {
      cause,
    });
  }
}
