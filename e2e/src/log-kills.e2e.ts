import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as crypto from "@menshen/crypto/node";
import {
  type AuditState,
  auditLog,
  auditNew,
  type LogReader,
  noteKey,
  openCheckpoint,
  proveConsistency,
  readEntries,
  TILE_WIDTH,
  type TileSource,
  tilePath,
  verifyConsistency,
} from "@menshen/evidence";
import { type EvidenceLog, openLog } from "@menshen/evidence/node";
import { startTestPostgres, type TestPostgres } from "@menshen/testkit/postgres";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const KILLS = Number(process.env.LOG_KILLS ?? "500");
/** One in so many kills is the database's. */
const DATABASE_EVERY = 50;
/** One in so many of these is of the whole server, whose recovery takes seconds; the others are of one of its processes. */
const SERVER_EVERY = 5;
const MOST_WORK_MS = 60;
/**
 * One in so many is let work ten times as long. Where all are killed before they are through, nothing gets its index, what waits
 * grows, and the next takes longer still.
 */
const PATIENT_EVERY = 8;
/** 500 rounds take half a minute on two free cores, and minutes on busy ones. */
const TIMEOUT_MS = 600_000;
/** Sequencers at once, so that starting one costs no waiting, and they meet each other. */
const WORKERS = 4;
const ACKNOWLEDGED_AT_LEAST = KILLS;
/** Checkpoints, each of another size or text. */
const SEEN_AT_LEAST = KILLS / 25;

const WORKER = fileURLToPath(new URL("./harness/log-worker.ts", import.meta.url));
const ORIGIN = "log.menshen.local/kills";
const SEED = "2a".repeat(32);
const secretKey = crypto.fromHex(SEED);
const { publicKey } = crypto.ed25519FromSecret(secretKey);
const identity = {
  origin: ORIGIN,
  logKeys: [noteKey(crypto.sha256, { name: ORIGIN, type: "ed25519", publicKey })],
  witnessKeys: [],
};

describe(`an evidence log under ${KILLS} kill -9`, () => {
  const folder = mkdtempSync(join(tmpdir(), "menshen-log-kills-"));
  const acknowledged = new Set<string>();
  /** What a worker was doing when it was killed. */
  const killedWhile: Record<"sequencing" | "publishing" | "recording", number> = {
    sequencing: 0,
    publishing: 0,
    recording: 0,
  };
  const alive = new Set<ChildProcess>();
  let databaseKills = 0;
  let rounds = 0;
  let postgres: TestPostgres;
  let log: EvidenceLog;
  /** Every checkpoint that the log ever showed to us. */
  const seen = new Map<string, Uint8Array>();
  let audit: AuditState = auditNew(ORIGIN);

  const tiles: TileSource = (tile) => log.readTile(tilePath(tile));
  const reader: LogReader = {
    async checkpoint() {
      const shown = await log.published();
      if (shown === undefined) throw new Error("nothing was published yet");
      seen.set(Buffer.from(shown.note).toString(), shown.note);
      return shown.note;
    },
    tile: tiles,
  };

  beforeAll(async () => {
    postgres = await startTestPostgres();
    await bundleWorker(folder);
    log = openLog({
      pool: postgres.pool,
      origin: ORIGIN,
      secretKey,
      now: Date.now,
      witnesses: [],
      quorum: 0,
    });
  });
  afterAll(async () => {
    for (const child of alive) child.kill("SIGKILL");
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a worker, lets it work for a random while, kills it; answers when all it said was read. */
  async function killOneWorker(): Promise<void> {
    const child = spawn(
      process.execPath,
      [join(folder, "log-worker.mjs"), JSON.stringify(postgres.connection), ORIGIN, SEED],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    let text = "";
    const ready = new Promise<void>((resolve) => {
      child.stdout.on("data", (bytes: Buffer) => {
        text += bytes.toString();
        if (text.startsWith("ready\n")) resolve();
      });
    });
    alive.add(child);
    const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
    await Promise.race([ready, closed]);
    await delay(Math.random() * MOST_WORK_MS * (rounds % PATIENT_EVERY === 0 ? 10 : 1));
    if (!isAlive(child)) throw new Error("a worker ended by itself");
    child.kill("SIGKILL");
    await closed;
    alive.delete(child);
    const lines = text.split("\n").slice(0, -1);
    for (const line of lines) if (line.startsWith("ack ")) acknowledged.add(line.slice(4));
    const last = lines.at(-1);
    if (last === "s") killedWhile.sequencing += 1;
    if (last === "p") killedWhile.publishing += 1;
    if (last === "r") killedWhile.recording += 1;
  }

  /** Kills the server, or one process of it, after which the server cuts all connections and recovers. */
  async function killDatabase(): Promise<void> {
    databaseKills += 1;
    const server = postgres.postmaster();
    let victim: number | undefined;
    do {
      victim = databaseKills % SERVER_EVERY === 0 ? server : await someBackend();
      if (victim === undefined) throw new Error("the server is down without a kill");
    } while (!strike(victim));
    // Work goes on when it is back; the workers wait for it as we do.
    do await delay(20);
    while ((victim === server && postgres.postmaster() === server) || !(await answers()));
  }

  /** False for a process that ended by itself since it was found: its worker was killed meanwhile. */
  function strike(pid: number): boolean {
    try {
      return process.kill(pid, "SIGKILL");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
      throw error;
    }
  }

  /** The process that serves whichever connection is youngest; one is there soon, if not now. */
  async function someBackend(): Promise<number> {
    for (;;) {
      const { rows } = await postgres.pool.query<{ pid: number }>(
        `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
          order by backend_start desc limit 1`,
      );
      if (rows[0] !== undefined) return rows[0].pid;
      await delay(5);
    }
  }

  const answers = () =>
    postgres.pool.query("select 1").then(
      () => true,
      () => false,
    );

  /** However fast kills follow each other: enough of them, and enough checkpoints between them. */
  const goesOn = () => rounds < KILLS || seen.size <= SEEN_AT_LEAST;

  /** Kills round after round; several of these run beside each other. */
  async function killOn(): Promise<void> {
    while (goesOn()) {
      rounds += 1;
      await (rounds % DATABASE_EVERY === 0 ? killDatabase() : killOneWorker());
    }
  }

  /** Publishes and audits as long as the kills go on; any finding ends the test. */
  async function auditOn(): Promise<void> {
    while (goesOn()) {
      try {
        await log.publish();
        const audited = await auditLog(crypto, reader, identity, { witnesses: [], quorum: 0 }, audit);
        expect(audited.findings).toEqual([]);
        audit = audited.state;
      } catch (error) {
        // The database was killed, or nothing was published yet; a finding is no such error.
        if (error instanceof Error && error.name === "AssertionError") throw error;
      }
      await delay(15);
    }
  }

  it(
    "is killed in all that it does, and an auditor who watches finds nothing",
    async () => {
      await Promise.all([...Array.from({ length: WORKERS }, killOn), auditOn()]);
      expect(databaseKills).toBe(Math.floor(rounds / DATABASE_EVERY));
      expect(acknowledged.size).toBeGreaterThan(ACKNOWLEDGED_AT_LEAST);
      for (const count of Object.values(killedWhile)) expect(count).toBeGreaterThan(KILLS / 20);
    },
    TIMEOUT_MS,
  );

  it("has every acknowledged leaf once, at one place", async () => {
    for (;;) {
      const done = await log.sequence();
      if (done.outcome === "refused") throw new Error(done.alarm);
      if (!done.more) break;
    }
    await log.publish();
    const head = (await log.published())?.signed.checkpoint;
    if (head === undefined) throw new Error("nothing was published");
    const entries: string[] = [];
    for (let bundle = 0; bundle * TILE_WIDTH < head.size; bundle += 1) {
      const read = await readEntries(crypto.sha256, tiles, head, bundle);
      if (!read.read) throw new Error(`${read.path}: ${read.refusal}`);
      entries.push(...read.entries.map((entry) => Buffer.from(entry).toString().slice("leaf ".length)));
    }
    const places = new Map(entries.map((id, index) => [id, index]));
    expect(places.size).toBe(entries.length);
    expect([...acknowledged].filter((id) => !places.has(id))).toEqual([]);
    const { rows } = await postgres.pool.query<{ leaf_id: string; index: string }>(
      "select leaf_id, index from evidence_leaf",
    );
    expect(rows).toHaveLength(entries.length);
    expect(rows.filter(({ leaf_id, index }) => places.get(leaf_id) !== Number(index))).toEqual([]);
    expect((await postgres.pool.query("select 1 from evidence_pending")).rows).toEqual([]);
  });

  it("never signed two histories: every checkpoint shown or stored is the beginning of the last one", async () => {
    const { rows } = await postgres.pool.query<{ signed: string }>("select signed from evidence_checkpoint");
    const notes = [...seen.values(), ...rows.map(({ signed }) => new Uint8Array(Buffer.from(signed)))];
    const last = (await log.published())?.signed.checkpoint;
    if (last === undefined) throw new Error("nothing was published");
    const roots = new Map<number, string>();
    for (const note of notes) {
      const opened = openCheckpoint(crypto, note, identity);
      if (!opened.opened) throw new Error(opened.refusal);
      const { size, root } = opened.signed.checkpoint;
      expect(roots.get(size) ?? crypto.toHex(root)).toBe(crypto.toHex(root));
      if (roots.has(size)) continue;
      roots.set(size, crypto.toHex(root));
      const made = await proveConsistency(crypto.sha256, tiles, last, size);
      if (!made.read) throw new Error(made.path);
      const claim = {
        oldSize: size,
        oldRoot: root,
        newSize: last.size,
        newRoot: last.root,
        proof: made.proof,
      };
      expect(verifyConsistency(crypto.sha256, claim)).toBe(true);
    }
    expect(seen.size).toBeGreaterThan(SEEN_AT_LEAST);
  });
});

/** One file of JavaScript: five hundred starts would else read and strip a hundred files each. */
async function bundleWorker(outDir: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: "silent",
    ssr: { noExternal: true },
    build: {
      ssr: WORKER,
      outDir,
      minify: false,
      rolldownOptions: { output: { entryFileNames: "log-worker.mjs" } },
    },
  });
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
