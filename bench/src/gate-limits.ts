import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sha256 } from "@menshen/crypto/node";
import { AccessPointId, Instant } from "@menshen/domain";
import { type RunningProcess, type SiteDoor, type SiteGate, startGate } from "@menshen/testkit/system";
import { nextJournalHash } from "@menshen/wire";
import { accessEntry } from "./harness/access-entry.ts";
import { type Result, rounded } from "./result.ts";
import { middleAndTail } from "./tap.ts";

const EVENTS = 1_000_000;
const TAPS = 100;
const WARM_UP = 12;
/** A tap every half minute: a million of them reach back a year. */
const SPACING_MS = 30_000;

/** What `benchTapXwr` has at hand when its gate holds all credentials. */
export interface FullGate {
  readonly runId: string;
  readonly gate: SiteGate;
  readonly process: RunningProcess;
  readonly credentials: number;
  readonly tap: (door: SiteDoor) => Promise<number>;
  readonly memoryMb: () => number;
  /** From here on the gate is alone. */
  readonly cutOff: () => Promise<void>;
}

/** Appends entries to a stopped gate's journal until it holds `EVENTS`, in the form and chain of its own. */
function fillJournal(path: string, door: SiteDoor): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA synchronous = OFF; BEGIN");
    const last = database.prepare("SELECT sequence, hash FROM journal ORDER BY sequence DESC LIMIT 1").get();
    if (!(last?.hash instanceof Uint8Array)) throw new Error("the gate has written nothing yet");
    const insert = database.prepare("INSERT INTO journal (sequence, draft, entry, hash) VALUES (?, ?, ?, ?)");
    let hash: Uint8Array = last.hash;
    const accessPointId = AccessPointId(door.accessPointId);
    const now = Date.now();
    for (let sequence = Number(last.sequence) + 1; sequence <= EVENTS; sequence++) {
      const at = Instant(now - (EVENTS - sequence) * SPACING_MS);
      const entry = accessEntry(sequence, accessPointId, at);
      hash = nextJournalHash(sha256, hash, entry);
      insert.run(sequence, sequence, entry, hash);
    }
    database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    database.close();
  }
}

function countEntries(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS count FROM journal").get()?.count);
  } finally {
    database.close();
  }
}

function folderMb(folder: string): number {
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  return rounded(sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20);
}

/** A gate cut off from its server, with a full snapshot and a million entries that the server has not taken. */
export async function measureGateLimits(full: FullGate): Promise<Result[]> {
  const { gate, runId } = full;
  const [firstDoor] = gate.doors;
  if (firstDoor === undefined) throw new Error("no doors");
  const stateDir = join(gate.stateDir, "state");
  const journal = join(stateDir, "journal.db");
  full.process.child.kill("SIGTERM");
  await full.process.ended;
  await full.cutOff();
  fillJournal(journal, firstDoor);

  const begin = performance.now();
  const { process } = await startGate({ runId, configFile: gate.configFile });
  const upS = (performance.now() - begin) / 1_000;
  await full.tap(firstDoor);
  const openedS = (performance.now() - begin) / 1_000;
  const times: number[] = [];
  for (let turn = 0; turn < WARM_UP + TAPS; turn++) {
    const door = gate.doors[turn % gate.doors.length];
    if (door === undefined) throw new Error("no doors");
    const time = await full.tap(door);
    if (turn >= WARM_UP) times.push(time);
  }
  const memoryMb = full.memoryMb();
  process.child.kill("SIGTERM");
  await process.ended;
  const entries = countEntries(journal);
  if (entries < EVENTS + WARM_UP + TAPS)
    throw new Error(`expected every tap in the journal, came ${entries}`);
  const { p50, p99 } = middleAndTail(times);
  const held = `${full.credentials} credentials and ${entries} entries that no server has taken`;
  return [
    {
      id: "gate.credentials_max",
      value: full.credentials,
      unit: "",
      better: "higher",
      target: 100_000,
      note: `held, not the most possible: a real gate process without a server, with ${held}; every tap opened`,
    },
    {
      id: "gate.events_max",
      value: entries,
      unit: "",
      better: "higher",
      target: EVENTS,
      note: "in the journal of that gate, each tap among them; held, not the most possible",
    },
    { id: "gate.full.disk_mb", value: folderMb(stateDir), unit: "MiB", better: "lower", note: held },
    {
      id: "gate.full.start_s",
      value: rounded(openedS),
      unit: "s",
      better: "lower",
      note: `from its start until a card opened the first door; its status page is up after ${rounded(upS)} s; ${held}`,
    },
    { id: "gate.full.memory_mb", value: memoryMb, unit: "MiB", better: "lower", note: held },
    {
      id: "tap.full.desfire.p99_ms",
      value: p99,
      unit: "ms",
      better: "lower",
      note: `as tap.xwr.desfire.p99_ms, p50 ${p50}; ${held}`,
    },
  ];
}
