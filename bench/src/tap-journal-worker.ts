import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { sha256 } from "@menshen/crypto/node";
import { journalGenesisHash, nextJournalHash } from "@menshen/wire";
import type { AppendRequest } from "./tap-journal.ts";
import { makeTapSealer } from "./tap-sealer.ts";

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
const sealer = makeTapSealer();

let hash = journalGenesisHash();
let preparing = false;

/** One step at a time, calls in between, as the gate's store thread does. */
function prepareWhileIdle(): void {
  if (preparing) return;
  preparing = true;
  setImmediate(() => {
    preparing = false;
    if (sealer.prepare()) prepareWhileIdle();
  });
}

parentPort?.on("message", ({ id, entry, credentialKey }: AppendRequest) => {
  const bytes = sealer.seal({ ...entry, sequence: id }, credentialKey);
  hash = nextJournalHash(sha256, hash, bytes);
  database.exec("BEGIN IMMEDIATE");
  insert.run(id, id, bytes, hash);
  saveClock.run(Date.now(), performance.now());
  database.exec("COMMIT");
  parentPort?.postMessage(id);
  prepareWhileIdle();
});
// A gate fills its store of prepared seals when it is started; a tap during that time is sealed all the same.
while (sealer.prepare());
parentPort?.postMessage(0);
