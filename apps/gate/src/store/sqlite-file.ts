import { existsSync, renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { GateError } from "../errors.ts";

/** What a store needs of a database; tests put a failing one in its place. */
export type Database = Pick<DatabaseSync, "exec" | "prepare" | "close" | "isTransaction">;

/** Opens a database; injected so that tests can make durable writes fail. */
export type OpenDatabase = (path: string) => Database;

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html); extended codes carry them in the low byte. */
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/**
 * Opens with WAL and `synchronous=FULL`: a commit returns only after its pages were synced. Deleted content is
 * overwritten with zeros, because keys are kept in such files.
 */
export function openSqlite(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA secure_delete = ON");
  database.exec("PRAGMA foreign_keys = ON");
  return database;
}

function primaryCode(fault: unknown): number | undefined {
  if (!(fault instanceof Error) || !("errcode" in fault) || typeof fault.errcode !== "number")
    return undefined;
  return fault.errcode & 0xff;
}

/** Names a fault of the database in this app's words. */
export function databaseFault(fault: unknown, what: string): GateError {
  if (fault instanceof GateError) return fault;
  switch (primaryCode(fault)) {
    case SQLITE_FULL:
      return new GateError("disk-full", `${what}: expected room on the disk, came none`, { cause: fault });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new GateError("database-corrupt", `${what}: expected a readable database`, { cause: fault });
    default:
      return new GateError("disk-failed", `${what}: expected the disk to take a write`, { cause: fault });
  }
}

/**
 * Brings a database to the newest form, or leaves it as it was: whoever puts the former software back after an update that
 * failed finds the disk that it left. Migration n takes version n to n + 1.
 *
 * @throws {GateError} `database-newer` if a newer program wrote it.
 */
export function migrate(database: Database, migrations: readonly string[]): void {
  const row = database.prepare("PRAGMA user_version").get();
  const found = Number(row?.user_version ?? 0);
  if (found > migrations.length) {
    throw new GateError("database-newer", `expected form ${migrations.length} or older, came ${found}`);
  }
  if (found === migrations.length) return;
  inTransaction(database, () => {
    for (const migration of migrations.slice(found)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** Runs `work` in one transaction; a fault rolls back and is thrown on. */
export function inTransaction<T>(database: Database, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (fault) {
    // SQLite may have rolled back by itself (disk full, I/O error).
    if (database.isTransaction) database.exec("ROLLBACK");
    throw fault;
  }
}

/**
 * Moves a database that cannot be used out of the way, with its log, so that nothing in it is lost to a person who
 * looks later. Returns the new path.
 */
export function setAside(path: string, label: string): string {
  let aside = `${path}.${label}`;
  for (let attempt = 2; existsSync(aside); attempt++) aside = `${path}.${label}-${attempt}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
  }
  return aside;
}
