import { DOCUMENT_KINDS, type DocumentKind } from "@menshen/wire";
import { GateError } from "../errors.ts";
import { type Database, inTransaction, migrate, type OpenDatabase, openSqlite } from "./sqlite-file.ts";

/**
 * Form 1: the newest document of each kind, and secrets made here, as bytes that this package's callers understand. Form 2:
 * what is kept of each credential that the public log has. Form 3: visitor passes and one-time tokens that were used.
 * Form 4: commands that were taken, and what became of them. Form 5: where persons are.
 */
const MIGRATIONS = [
  `
  CREATE TABLE documents (
    kind TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE secrets (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
  `,
  "CREATE TABLE marks (name BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;",
  `
  CREATE TABLE uses (
    name BLOB PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE commands (
    id BLOB PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    result BLOB
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE presence (
    name BLOB PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

/** A document that the community signed, after it was checked; the keyring is sealed. */
export interface StoredDocument {
  readonly kind: DocumentKind;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** The database of what the community last sent; synchronous, used from one thread only. */
export interface StateFile {
  documents(): readonly StoredDocument[];
  /** Replaces the document of that kind, synced. An older version changes nothing. */
  save(document: StoredDocument): void;
  /** What was last kept under a name, sealed. */
  secret(name: string): Uint8Array | undefined;
  /** Replaces a secret, synced; the one before is overwritten on the disk. */
  keepSecret(name: string, bytes: Uint8Array): void;
  /** All that was kept by {@link saveMarks}, sealed. */
  marks(): readonly StoredMark[];
  /** Replaces records by their names, all or none, synced. */
  saveMarks(marks: readonly StoredMark[]): void;
  /** All that was kept by {@link saveUse}, sealed. */
  uses(): readonly StoredUse[];
  /** Replaces the record of that name, synced; records that ended before `endedMs` go. */
  saveUse(use: StoredUse, endedMs: number): void;
  /** All that was kept by {@link saveCommand}. */
  commands(): readonly StoredCommand[];
  /** Replaces the record of that command, synced; records that ended before `endedMs` go. */
  saveCommand(command: StoredCommand, endedMs: number): void;
  /** All that was kept by {@link savePresence}, sealed. */
  presence(): readonly StoredUse[];
  /** Replaces records by their names, all or none, synced; records that ended before `endedMs` go. */
  savePresence(records: readonly StoredUse[], endedMs: number): void;
  close(): void;
}

/** A command that was taken. */
export interface StoredCommand {
  readonly id: Uint8Array;
  /** Forgotten after it. */
  readonly untilMs: number;
  /** Encoded, once there is one. */
  readonly result?: Uint8Array;
}

/** What was used of a pass until its time is over. */
export interface StoredUse extends StoredMark {
  readonly untilMs: number;
}

/** A sealed record under a name that tells nothing. */
export interface StoredMark {
  readonly name: Uint8Array;
  readonly bytes: Uint8Array;
}

/** @throws {GateError} `database-corrupt`, `database-newer`; faults of SQLite */
export function openStateFile(path: string, open: OpenDatabase = openSqlite): StateFile {
  const database = open(path);
  try {
    const integrity = database.prepare("PRAGMA quick_check(1)").get();
    if (integrity?.quick_check !== "ok") {
      throw new GateError("database-corrupt", "expected the state database to pass its check");
    }
    migrate(database, MIGRATIONS);
  } catch (fault) {
    database.close();
    throw fault;
  }
  return stateFileOn(database);
}

function stateFileOn(database: Database): StateFile {
  return {
    documents() {
      return database
        .prepare("SELECT kind, version, bytes FROM documents")
        .all()
        .flatMap((row) => {
          const kind = DOCUMENT_KINDS.find((candidate) => candidate === row.kind);
          const bytes = row.bytes;
          if (kind === undefined || !(bytes instanceof Uint8Array)) return [];
          return [{ kind, version: Number(row.version), bytes }];
        });
    },
    save({ kind, version, bytes }) {
      inTransaction(database, () => {
        database
          .prepare(
            `INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (kind) DO UPDATE
             SET version = excluded.version, bytes = excluded.bytes WHERE excluded.version >= documents.version`,
          )
          .run(kind, version, bytes);
      });
      // Keys that were taken away must not live on in the log: it is folded in and cut at once.
      if (kind === "keyring") database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    },
    secret(name) {
      const bytes = database.prepare("SELECT bytes FROM secrets WHERE name = ?").get(name)?.bytes;
      return bytes instanceof Uint8Array ? bytes : undefined;
    },
    keepSecret(name, bytes) {
      database.prepare("INSERT OR REPLACE INTO secrets VALUES (?, ?)").run(name, bytes);
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    },
    marks() {
      return database
        .prepare("SELECT name, bytes FROM marks")
        .all()
        .flatMap(({ name, bytes }) =>
          name instanceof Uint8Array && bytes instanceof Uint8Array ? [{ name, bytes }] : [],
        );
    },
    saveMarks(marks) {
      inTransaction(database, () => {
        const insert = database.prepare("INSERT OR REPLACE INTO marks VALUES (?, ?)");
        for (const { name, bytes } of marks) insert.run(name, bytes);
      });
    },
    uses: () => timedRecords(database, "uses"),
    saveUse({ name, untilMs, bytes }, endedMs) {
      inTransaction(database, () => {
        database.prepare("DELETE FROM uses WHERE until_ms < ?").run(endedMs);
        database.prepare("INSERT OR REPLACE INTO uses VALUES (?, ?, ?)").run(name, untilMs, bytes);
      });
    },
    commands() {
      return database
        .prepare("SELECT id, until_ms, result FROM commands")
        .all()
        .flatMap(({ id, until_ms: untilMs, result }) =>
          id instanceof Uint8Array
            ? [{ id, untilMs: Number(untilMs), ...(result instanceof Uint8Array ? { result } : {}) }]
            : [],
        );
    },
    saveCommand({ id, untilMs, result }, endedMs) {
      inTransaction(database, () => {
        database.prepare("DELETE FROM commands WHERE until_ms < ?").run(endedMs);
        database.prepare("INSERT OR REPLACE INTO commands VALUES (?, ?, ?)").run(id, untilMs, result ?? null);
      });
    },
    presence: () => timedRecords(database, "presence"),
    savePresence(records, endedMs) {
      inTransaction(database, () => {
        database.prepare("DELETE FROM presence WHERE until_ms < ?").run(endedMs);
        const insert = database.prepare("INSERT OR REPLACE INTO presence VALUES (?, ?, ?)");
        for (const { name, untilMs, bytes } of records) insert.run(name, untilMs, bytes);
      });
    },
    close: () => database.close(),
  };
}

/** Records that hold for a time, whatever they are of. */
function timedRecords(database: Database, table: "uses" | "presence"): readonly StoredUse[] {
  return database
    .prepare(`SELECT name, until_ms, bytes FROM ${table}`)
    .all()
    .flatMap(({ name, until_ms: untilMs, bytes }) =>
      name instanceof Uint8Array && bytes instanceof Uint8Array
        ? [{ name, untilMs: Number(untilMs), bytes }]
        : [],
    );
}
