import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { sha256 } from "@menshen/crypto/node";
import { journalGenesisHash, nextJournalHash } from "@menshen/wire";
import type { AppendRequest } from "./tap-journal.ts";

// The gate's own settings and form of a commit: the entry with its chain hash, and the state of the clock.
const database = new DatabaseSync(String(workerData));
database.exec("PRAGMA journal_mode = WAL");
database.exec("PRAGMA synchronous = FULL");
database.exec("PRAGMA secure_delete = ON");
database.exec(
  "CREATE TABLE journal (sequence INTEGER PRIMARY KEY, draft INTEGER NOT NULL, entry BLOB NOT NULL, hash BLOB NOT NULL) STRICT",
);
database.exec(
  "CREATE TABLE clock (id INTEGER PRIMARY KEY, wall_ms REAL NOT NULL, monotonic_ms REAL NOT NULL) STRICT",
);
const insert = database.prepare("INSERT INTO journal VALUES (?, ?, ?, ?)");
const saveClock = database.prepare("INSERT OR REPLACE INTO clock VALUES (1, ?, ?)");

let hash = journalGenesisHash();
parentPort?.on("message", ({ id, body }: AppendRequest) => {
  hash = nextJournalHash(sha256, hash, body);
  database.exec("BEGIN IMMEDIATE");
  insert.run(id, id, body, hash);
  saveClock.run(Date.now(), performance.now());
  database.exec("COMMIT");
  parentPort?.postMessage(id);
});
parentPort?.postMessage(0);
