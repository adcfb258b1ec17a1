import { randomUUID } from "node:crypto";
import * as crypto from "@menshen/crypto/node";
import { noteKey, type TileSource, tilePath } from "../index.ts";
import type {
  EvidenceLog,
  LogClient,
  LogConnection,
  LogOptions,
  LogPool,
  LogWitness,
  Witness,
  WitnessServer,
} from "./index.ts";
import { makeWitness, openLog, openWitnessStore, serveWitness } from "./index.ts";

export const ORIGIN = "log.menshen.local/test";
export const LOG_SEED = new Uint8Array(32).fill(7);
const LOG_PUBLIC_KEY = crypto.ed25519FromSecret(LOG_SEED).publicKey;
export const LOG_KEY = noteKey(crypto.sha256, { name: ORIGIN, type: "ed25519", publicKey: LOG_PUBLIC_KEY });
/** 2026-11-22T00:00:00Z. */
export const NOW_MS = 1_795_305_600_000;

/** Takes everything of a log out of a database, which its triggers forbid to everybody else. */
export async function emptyLog(pool: LogPool): Promise<void> {
  const client = await pool.connect();
  await client.query("set session_replication_role = replica");
  await client.query(
    "truncate evidence_pending, evidence_leaf, evidence_tile, evidence_checkpoint, evidence_witness restart identity",
  );
  client.release(true);
}

/** Text entries under ids of their own, recorded as the community server records leaves. */
export async function record(pool: LogConnection, entries: readonly string[]): Promise<string[]> {
  const ids = entries.map(() => randomUUID());
  await pool.query(
    "insert into evidence_pending (leaf_id, entry) select * from unnest($1::uuid[], $2::bytea[])",
    [ids, entries.map((entry) => Buffer.from(entry))],
  );
  return ids;
}

export const numbered = (first: number, count: number) =>
  Array.from({ length: count }, (_, place) => `entry ${first + place}`);

export function logOn(pool: LogPool, options: Partial<LogOptions> = {}): EvidenceLog {
  return openLog({
    pool,
    origin: ORIGIN,
    secretKey: LOG_SEED,
    now: () => NOW_MS,
    witnesses: [],
    quorum: 0,
    witnessTimeoutMs: 2_000,
    ...options,
  });
}

/** Sequences until nothing waits. */
export async function sequenceAll(log: EvidenceLog): Promise<void> {
  for (;;) {
    const done = await log.sequence();
    if (done.outcome === "refused") throw new Error(`refused: ${done.alarm}`);
    if (!done.more) return;
  }
}

/** The published tiles, as a reader gets them. */
export const published =
  (log: EvidenceLog): TileSource =>
  (tile) =>
    log.readTile(tilePath(tile));

/** A witness that listens on loopback, and can be stopped, started and robbed of its memory. */
export interface TestWitness {
  readonly address: LogWitness;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly forget: () => void;
  readonly forks: () => readonly Uint8Array[];
}

export async function startWitness(body: string, seedByte: number): Promise<TestWitness> {
  const secretKey = new Uint8Array(32).fill(seedByte);
  const name = `${body}.example/witness`;
  const { publicKey } = crypto.ed25519FromSecret(secretKey);
  const key = noteKey(crypto.sha256, { name, type: "ed25519-cosignature", publicKey });
  const nowSeconds = () => NOW_MS / 1_000;
  let store = openWitnessStore(":memory:");
  let witness: Witness = makeWitness({ name, secretKey, logs: [LOG_KEY], store, nowSeconds });
  let server: WitnessServer | undefined;
  let port = 0;
  const start = async () => {
    const current: Witness = {
      verifierKey: witness.verifierKey,
      addCheckpoint: (request) => witness.addCheckpoint(request),
    };
    server = await serveWitness({ witness: current, host: "127.0.0.1", port, onFault: () => {} });
    port = server.port;
  };
  await start();
  return {
    address: { body, key, url: `http://127.0.0.1:${port}` },
    start,
    async stop() {
      await server?.stop();
      server = undefined;
    },
    forget() {
      store = openWitnessStore(":memory:");
      witness = makeWitness({ name, secretKey, logs: [LOG_KEY], store, nowSeconds });
    },
    forks: () => store.forks(ORIGIN),
  };
}

/** How a write fails: it never reached the disk, or it did and nobody was told. */
export type FailureMode = "not saved" | "saved but reported failed";

/** A pool whose first statement that matches fails with its connection, once. */
export function failingOnce(
  pool: LogPool,
  statement: RegExp,
  mode: FailureMode,
): LogPool & { failed: boolean } {
  const wrapped = {
    failed: false,
    query: (text: string, values?: unknown[]) => pool.query(text, values),
    async connect(): Promise<LogClient> {
      const client = await pool.connect();
      let lost = false;
      return {
        async query(text, values) {
          if (lost) throw new Error("connection is gone");
          if (wrapped.failed || !statement.test(text)) return await client.query(text, values);
          wrapped.failed = true;
          lost = true;
          if (mode === "saved but reported failed") await client.query(text, values);
          throw new Error("connection lost");
        },
        release: (destroy) => client.release(destroy),
        on: (event, listener) => client.on(event, listener),
        off: (event, listener) => client.off(event, listener),
      };
    },
  };
  return wrapped;
}
