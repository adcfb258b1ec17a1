import { sha256 } from "@menshen/crypto/node";
import { type GateId, Instant } from "@menshen/domain";
import { journalGenesisHash, journalHashAfter } from "@menshen/wire";
import type { Pool, PoolClient } from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { quietLogger, startTestDatabase } from "../testing/test-database.ts";
import { readEventsAfter, readStored } from "./event-store.ts";
import { makeJournalIngest } from "./ingest.ts";
import { type PreparedBatch, prepareBatch } from "./journal-batch.ts";
import { makePartitions } from "./partitions.ts";
import { entryBytes, START, TestGate } from "./testing/test-gate.ts";
import type { StoredEvent } from "./types.ts";

let pool: Pool;

beforeAll(async () => {
  pool = (await startTestDatabase()).pool;
});

/** An enrolled gate without sockets. */
async function device(): Promise<TestGate> {
  const gate = await TestGate.make();
  await pool.query(
    `insert into gate_device (gate_id, enrolment, device_key, sealing_key) values ($1, 'enrolled', $2, $3)`,
    [gate.gateId, gate.key.publicKey, gate.sealingKey.publicKey],
  );
  await pool.query("insert into gate_journal (gate_id) values ($1)", [gate.gateId]);
  return gate;
}

function ingestOver(database: Pool, stored: StoredEvent[] = []) {
  return makeJournalIngest({
    pool: database,
    partitions: makePartitions(pool),
    logger: quietLogger,
    onStored: (batches) => stored.push(...readStored(batches)),
  });
}

function prepared(gate: TestGate, message: Uint8Array, receivedAt = START): PreparedBatch {
  const batch = prepareBatch({ message, gateId: gate.gateId, deviceKey: gate.key, receivedAt });
  if (typeof batch === "string") throw new Error(batch);
  return batch;
}

async function sequences(gateId: GateId): Promise<readonly number[]> {
  const { rows } = await pool.query("select sequence::int from event where gate_id = $1 order by sequence", [
    gateId,
  ]);
  return rows.map((row) => row.sequence);
}

async function alarmsOf(gateId: GateId) {
  const { rows } = await pool.query(
    "select kind, sequence::int, times from gate_alarm where gate_id = $1 order by id",
    [gateId],
  );
  return rows;
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("journal ingest", () => {
  it("stores a row as the entry says", async () => {
    const gate = await device();
    gate.record(1);
    const ingest = ingestOver(pool);
    expect(await ingest.submit(prepared(gate, gate.batch(1, 1), Instant(START + 5_000)))).toEqual({
      outcome: "stored",
    });
    const { rows } = await pool.query("select * from event where gate_id = $1", [gate.gateId]);
    expect(rows).toEqual([
      {
        position: expect.any(String),
        gate_id: gate.gateId,
        sequence: "1",
        at: new Date("2026-11-22T00:00:00.000Z"),
        received_at: new Date("2026-11-22T00:00:05.000Z"),
        kind: 1,
        event: null,
        granted: false,
        // credential-unknown is the third code of the list.
        reason: 2,
        subject: "11111111-2222-4333-8444-555555555555",
        // First 16 bytes of SHA-256("credential 1").
        pseudonym: Buffer.from("817d172a02a1be2100ab88c9b80234a1", "hex"),
        entry: Buffer.from(gate.journal[0] ?? []),
      },
    ]);
  });

  it("stores each sequence once, however batches are cut and repeated", async () => {
    const gate = await device();
    gate.record(20);
    const stored: StoredEvent[] = [];
    const ingest = ingestOver(pool, stored);
    const cuts = [
      [1, 5],
      [1, 5],
      [3, 6],
      [2, 2],
      [8, 5],
      [9, 4],
      [1, 20],
    ] as const;
    const outcomes = await Promise.all(
      cuts.map(([first, count]) => ingest.submit(prepared(gate, gate.batch(first, count)))),
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(cuts.map(() => "stored"));
    expect(await sequences(gate.gateId)).toEqual(upTo(20));
    expect(stored.map(({ sequence }) => sequence)).toEqual(upTo(20));
    const first = (stored[0]?.position ?? 0) - 1;
    expect(await readEventsAfter(pool, first, 20)).toEqual(stored);
    // The last batch came when all before it was stored already.
    expect(await ingest.submit(prepared(gate, gate.batch(4, 3)))).toEqual({ outcome: "stored" });
    expect(await sequences(gate.gateId)).toEqual(upTo(20));
    expect(await alarmsOf(gate.gateId)).toEqual([]);
  });

  it("asks for what was skipped, and closes the gap when it came", async () => {
    const gate = await device();
    gate.record(10);
    const ingest = ingestOver(pool);
    await ingest.submit(prepared(gate, gate.batch(1, 2)));
    const reordered = await Promise.all([
      ingest.submit(prepared(gate, gate.batch(5, 6))),
      ingest.submit(prepared(gate, gate.batch(3, 2))),
    ]);
    expect(reordered).toEqual([{ outcome: "gap", nextSequence: 3 }, { outcome: "stored" }]);
    const gaps = () =>
      pool
        .query("select first_sequence::int, last_sequence::int, closed_at from gate_gap where gate_id = $1", [
          gate.gateId,
        ])
        .then(({ rows }) => rows);
    // Closed in the transaction after the one that noticed it, or in the same group.
    await ingest.submit(prepared(gate, gate.batch(5, 6)));
    expect(await gaps()).toEqual([{ first_sequence: 3, last_sequence: 4, closed_at: expect.any(Date) }]);
    expect(await sequences(gate.gateId)).toEqual(upTo(10));
  });

  it("refuses a fork wherever it shows, and stores nothing of it", async () => {
    const gate = await device();
    gate.record(6);
    const ingest = ingestOver(pool);
    await ingest.submit(prepared(gate, gate.batch(1, 4)));
    const otherFive = entryBytes(5, Instant(START + 1));
    const forks = [
      // Does not continue: another hash before it.
      gate.batch(5, 2, { previousHash: gate.hashAfter(3) }),
      // Overlaps with another past.
      gate.batch(4, 2, { entries: [entryBytes(4, Instant(START + 1)), otherFive] }),
      // Repeats a stored entry with another content.
      gate.batch(2, 1, { entries: [entryBytes(2, Instant(START + 1))] }),
      // Ends where the journal ends, with another content.
      gate.batch(4, 1, { entries: [entryBytes(4, Instant(START + 1))] }),
    ];
    for (const message of forks) {
      expect(await ingest.submit(prepared(gate, message))).toEqual({ outcome: "fork" });
    }
    expect(await ingest.submit(prepared(gate, forks[0] ?? new Uint8Array()))).toEqual({ outcome: "fork" });
    expect(await sequences(gate.gateId)).toEqual(upTo(4));
    expect(await alarmsOf(gate.gateId)).toEqual([
      { kind: "fork", sequence: 5, times: 2 },
      { kind: "fork", sequence: 4, times: 2 },
      { kind: "fork", sequence: 2, times: 1 },
    ]);
    // What does continue is stored all the same.
    expect(await ingest.submit(prepared(gate, gate.batch(5, 2)))).toEqual({ outcome: "stored" });
  });

  it("refuses batches whose numbers do not fit and keeps entries that it cannot read", async () => {
    const gate = await device();
    gate.record(1);
    const shifted = gate.batch(1, 1, { entries: [entryBytes(2, START)] });
    expect(
      prepareBatch({ message: shifted, gateId: gate.gateId, deviceKey: gate.key, receivedAt: START }),
    ).toBe("bad-batch");
    // A version of entries that is not known yet: signed and chained, so it is kept.
    const strange = Uint8Array.from([0xa1, 0x00, 0x02]);
    const message = gate.batch(1, 2, { entries: [gate.journal[0] ?? strange, strange] });
    const ingest = ingestOver(pool);
    expect(await ingest.submit(prepared(gate, message))).toEqual({ outcome: "stored" });
    const { rows } = await pool.query("select kind, entry from event where gate_id = $1 order by sequence", [
      gate.gateId,
    ]);
    expect(rows).toEqual([
      { kind: 1, entry: Buffer.from(gate.journal[0] ?? []) },
      { kind: 0, entry: Buffer.from("a10002", "hex") },
    ]);
    expect(await alarmsOf(gate.gateId)).toEqual([{ kind: "unreadable", sequence: 1, times: 1 }]);
  });

  it("files events of gates whose clock is wrong", async () => {
    const gate = await device();
    for (const at of [
      0,
      -8.64e15,
      8.64e15 - 20,
      Date.UTC(2021, 5, 30, 23, 59, 59, 999),
      Date.UTC(2021, 6, 1),
    ]) {
      gate.record(1, Instant(at));
    }
    expect(await ingestOver(pool).submit(prepared(gate, gate.batch(1, 5)))).toEqual({ outcome: "stored" });
    const { rows } = await pool.query(
      "select at, tableoid::regclass::text as place from event where gate_id = $1 order by sequence",
      [gate.gateId],
    );
    expect(rows.map(({ at, place }) => [at.toISOString(), place])).toEqual([
      ["1970-01-01T00:00:00.000Z", "event_before_2020"],
      ["1970-01-01T00:00:00.000Z", "event_before_2020"],
      ["2026-11-22T00:00:00.000Z", "event_2026_11"],
      ["2021-06-30T23:59:59.999Z", "event_2021_06"],
      ["2021-07-01T00:00:00.000Z", "event_2021_07"],
    ]);
  });

  it("numbers the events of several gates in one order without gaps", async () => {
    const gates = await Promise.all([device(), device(), device()]);
    const stored: StoredEvent[] = [];
    // Two servers at one database.
    const [one, two] = [ingestOver(pool, stored), ingestOver(pool, stored)];
    for (const gate of gates) gate.record(60);
    await Promise.all(
      gates.flatMap((gate, index) =>
        upTo(30).map((n) => (index === 0 ? one : two).submit(prepared(gate, gate.batch(n * 2 - 1, 2)))),
      ),
    );
    expect(stored).toHaveLength(180);
    const positions = stored.map(({ position }) => position).sort((a, b) => a - b);
    expect(positions).toEqual(positions.map((_, index) => (positions[0] ?? 0) + index));
    for (const gate of gates) expect(await sequences(gate.gateId)).toEqual(upTo(60));
  });

  it("computes the chain that the gates' documents describe", () => {
    // SHA-256("menshen journal v1" || 32 zero bytes || 01), computed with sha256sum.
    expect(
      Buffer.from(journalHashAfter(sha256, journalGenesisHash(), [Uint8Array.from([1])])).toString("hex"),
    ).toBe("2292b3fe75f1ffb6535f50705095006c4a5f73ae1c64de4e36a90008d91c05e6");
  });
});

describe("a write that fails", () => {
  /** A pool whose connections go wrong at one statement. */
  function failing(statement: RegExp, when: "before" | "after"): Pool {
    let armed = true;
    return new Proxy(pool, {
      get(target, name) {
        if (name !== "connect") return Reflect.get(target, name);
        return async () => {
          const client = await target.connect();
          return new Proxy(client, {
            get(inner: PoolClient, method) {
              const value: unknown = Reflect.get(inner, method);
              if (method !== "query") return typeof value === "function" ? value.bind(inner) : value;
              const ask = async (query: string, values?: unknown[]) => {
                const hit = armed && statement.test(query);
                if (hit) armed = false;
                if (hit && when === "before") throw new Error("connection lost");
                const result = await inner.query(query, values);
                if (hit) throw new Error("connection lost");
                return result;
              };
              // A COPY is no text; it is given back as it is, for its caller to wait for.
              return (query: unknown, values?: unknown[]) =>
                typeof query === "string"
                  ? ask(query, values)
                  : Reflect.apply(inner.query, inner, [query, values]);
            },
          });
        };
      },
    });
  }

  it("not persisted: is not acknowledged, and stored when it comes again", async () => {
    const gate = await device();
    gate.record(3);
    const stored: StoredEvent[] = [];
    const ingest = ingestOver(failing(/commit$/, "before"), stored);
    expect(await ingest.submit(prepared(gate, gate.batch(1, 3)))).toEqual({ outcome: "unavailable" });
    expect(await sequences(gate.gateId)).toEqual([]);
    expect(stored).toEqual([]);
    expect(await ingest.submit(prepared(gate, gate.batch(1, 3)))).toEqual({ outcome: "stored" });
    expect(await sequences(gate.gateId)).toEqual([1, 2, 3]);
    expect(stored).toHaveLength(3);
  });

  it("persisted but reported failed: is not acknowledged, and not doubled when it comes again", async () => {
    const gate = await device();
    gate.record(3);
    const ingest = ingestOver(failing(/commit$/, "after"));
    expect(await ingest.submit(prepared(gate, gate.batch(1, 3)))).toEqual({ outcome: "unavailable" });
    expect(await sequences(gate.gateId)).toEqual([1, 2, 3]);
    expect(await ingest.submit(prepared(gate, gate.batch(1, 3)))).toEqual({ outcome: "stored" });
    expect(await sequences(gate.gateId)).toEqual([1, 2, 3]);
  });
});
