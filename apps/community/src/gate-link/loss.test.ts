import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sha256, toHex } from "@menshen/crypto/node";
import { makeLogger } from "@menshen/service-kit";
import { migrate, type PostgresServer, startPostgres } from "@menshen/service-kit/postgres";
import { journalGenesisHash, journalHashAfter } from "@menshen/wire";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "./testing/eventually.ts";
import { startLink, TestGate, type TestLink } from "./testing/test-gate.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations/", import.meta.url));
/** The server is killed on purpose here; what it logs about that is no news. */
const logger = makeLogger({ app: "test", destination: { write: () => {} } });

const GATES = 3;
const BATCHES = 60;
const BATCH_ENTRIES = 20;
const KILLS = 4;

let state: string;
let server: PostgresServer;
let pool: pg.Pool;
let test: TestLink;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "menshen-loss-"));
  chmodSync(state, 0o711);
  server = await startPostgres({ stateDirectory: state, logger });
  pool = new pg.Pool({ ...server.connection, max: 8 });
  pool.on("error", () => {});
  const client = await pool.connect();
  await migrate(client, MIGRATIONS);
  client.release();
  test = await startLink(pool, { logger });
});

afterAll(async () => {
  await test.link.stop();
  await pool.end();
  await server.stop();
  rmSync(state, { recursive: true, force: true });
});

/** Hands in the whole journal as a real gate does: again from the last acknowledgement after every lost connection. */
async function handIn(gate: TestGate, onAcknowledged: () => void): Promise<number> {
  let acknowledged = 0;
  while (acknowledged < gate.journal.length) {
    try {
      if (!gate.client?.connected) await gate.connect(test);
      await gate.send("journal", gate.batch(acknowledged + 1, BATCH_ENTRIES));
      acknowledged += BATCH_ENTRIES;
      onAcknowledged();
    } catch {
      await gate.disconnect();
      await delay(30);
    }
  }
  return acknowledged;
}

it("loses and doubles nothing that was acknowledged while the database is killed under load", async () => {
  const gates: TestGate[] = [];
  for (let i = 0; i < GATES; i++) {
    const gate = await TestGate.enrolled(test);
    gate.record(BATCHES * BATCH_ENTRIES);
    gates.push(gate);
  }
  let acknowledgements = 0;
  const handingIn = gates.map((gate) =>
    handIn(gate, () => {
      acknowledgements += 1;
    }),
  );
  for (let kill = 1; kill <= KILLS; kill++) {
    // Spread over the load: each kill waits for its share of acknowledgements, not for a time.
    const share = (GATES * BATCHES * kill) / (KILLS + 1);
    await eventually("acknowledgements", () => (acknowledgements >= share ? true : undefined));
    const { postmaster } = await eventually("a running database", () =>
      server.pids().postmaster === undefined ? undefined : server.pids(),
    );
    process.kill(postmaster ?? 0, "SIGKILL");
  }
  expect(await Promise.all(handingIn)).toEqual(gates.map(() => BATCHES * BATCH_ENTRIES));

  const expected = Array.from({ length: BATCHES * BATCH_ENTRIES }, (_, index) => index + 1);
  for (const gate of gates) {
    const { rows } = await pool.query(
      "select sequence::int, entry from event where gate_id = $1 order by sequence",
      [gate.gateId],
    );
    expect(rows.map((row) => row.sequence)).toEqual(expected);
    const chain = journalHashAfter(
      sha256,
      journalGenesisHash(),
      rows.map((row) => row.entry),
    );
    expect(toHex(chain)).toBe(toHex(gate.hashAfter(gate.journal.length)));
    await gate.disconnect();
  }
  const { rows } = await pool.query(
    "select count(*)::int as n, count(distinct position)::int as positions, max(position)::int as last from event",
  );
  const total = GATES * BATCHES * BATCH_ENTRIES;
  expect(rows[0]).toEqual({ n: total, positions: total, last: total });
  expect((await pool.query("select * from gate_alarm")).rows).toEqual([]);
}, 90_000);
