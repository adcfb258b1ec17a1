import { ed25519Generate } from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import { createCommunityCa } from "@menshen/trust";
import { resumeMessage } from "@menshen/wire";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestDatabase } from "../testing/test-database.ts";
import { eventually } from "./testing/eventually.ts";
import {
  COMMUNITY,
  desiredDocuments,
  START,
  startLink,
  TestGate,
  type TestLink,
} from "./testing/test-gate.ts";

/** A community server that is stopped and started on one database or another, and its gate. */
let connection: pg.PoolConfig;
let keys: TestLink["dependencies"]["keys"];
let gate: TestGate;
let running: { readonly test: TestLink; readonly pool: pg.Pool } | undefined;

async function start(database: string): Promise<TestLink> {
  const pool = new pg.Pool({ ...connection, database, max: 8 });
  const documents = desiredDocuments(new TextEncoder().encode("document"));
  const test = await startLink(pool, {
    keys,
    compileFor: async (_gateId, request) =>
      request.current === undefined
        ? documents
        : { ...documents, snapshot: new Uint8Array([request.snapshotVersion]) },
  });
  running = { test, pool };
  return test;
}

async function stop(): Promise<void> {
  await gate.disconnect();
  await running?.test.link.stop();
  await running?.pool.end();
  running = undefined;
}

/** A copy of a whole database, as a backup is one. */
async function copyDatabase(from: string, to: string): Promise<void> {
  const client = new pg.Client({ ...connection, database: "template1" });
  await client.connect();
  await client.query(`create database ${to} template ${from}`);
  await client.end();
}

async function rows(sql: string) {
  return (await running?.pool.query(sql, [gate.gateId]))?.rows ?? [];
}

const sequences = async (table: "event" | "event_replaced") =>
  (await rows(`select sequence::int from ${table} where gate_id = $1 order by sequence`)).map(
    (row) => row.sequence,
  );
const alarms = () =>
  rows("select kind, sequence::int from gate_alarm where gate_id = $1 and cleared_at is null order by id");
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Connects anew and answers where the server says to go on. */
async function comeBack(test: TestLink, backlog: number, snapshotVersion: number): Promise<number> {
  gate.received.length = 0;
  await gate.connect(test);
  await gate.sayHello({ snapshotVersion });
  await gate.sayStatus(backlog);
  const resume = await eventually("resume", () => gate.received.find(({ kind }) => kind === "resume"));
  return resumeMessage.decode(gate.open(resume)).nextSequence;
}

beforeAll(async () => {
  ({ connection } = await startTestDatabase());
  keys = { ca: await createCommunityCa(COMMUNITY), policy: ed25519Generate() };
  await copyDatabase(String(connection.database), "site");
});
afterAll(stop);

describe("a database restored from an older copy", () => {
  it("is noticed, and the gate sends again what it had delivered since", async () => {
    let test = await start("site");
    gate = await TestGate.enrolled(test);
    expect(await comeBack(test, 0, 0)).toBe(1);
    gate.record(10);
    await gate.send("journal", gate.batch(1, 10));
    await stop();
    await copyDatabase("site", "backup");

    test = await start("site");
    expect(await comeBack(test, 0, 1)).toBe(11);
    gate.record(10);
    await gate.send("journal", gate.batch(11, 10));
    expect(await alarms()).toEqual([]);
    await stop();

    test = await start("backup");
    // Five more that nobody has had yet: they are the gate's backlog, the ten before were acknowledged once.
    gate.record(5);
    expect(await comeBack(test, 5, 1)).toBe(11);
    expect(await alarms()).toEqual([{ kind: "server-behind", sequence: 11 }]);
    await gate.send("journal", gate.batch(11, 15));
    expect(await sequences("event")).toEqual(numbers(1, 25));
    expect(await test.link.readGate(gate.gateId)).toMatchObject({
      journal: { lastSequence: 25, gaps: [], forked: false },
      alarms: [{ kind: "server-behind", sequence: 11, times: 1 }],
    });
  });

  it("is noticed by the documents too, where no event was lost", async () => {
    await stop();
    const test = await start("backup");
    expect(await comeBack(test, 0, 99)).toBe(26);
    expect(await alarms()).toEqual([
      { kind: "server-behind", sequence: 11 },
      { kind: "server-behind", sequence: 0 },
    ]);
  });
});

describe("a gate that was set back", () => {
  it("is refused until its journal is accepted", async () => {
    await running?.pool.query("update gate_alarm set cleared_at = now()");
    // Its disk forgot the last five entries, and it went on.
    gate.journal.length = 20;
    gate.record(3, Instant(START + 60_000));
    await stop();
    const test = await start("backup");
    expect(await comeBack(test, 3, 99)).toBe(26);
    // The real gate sends nothing then, but says so.
    await gate.sayStatus(3, [{ code: "journal-fork", severity: "fault" }]);
    expect(await alarms()).toEqual([{ kind: "fork", sequence: 0 }]);
    await expect(gate.send("journal", gate.batch(1, 23))).rejects.toThrow();
    expect(await sequences("event")).toEqual(numbers(1, 25));
    expect(await sequences("event_replaced")).toEqual([]);
  });

  it("then stands as it is, and what it contradicts is set apart", async () => {
    await stop();
    const test = await start("backup");
    await running?.pool.query("update gate_journal set reread_since = now()");
    expect(await comeBack(test, 3, 99)).toBe(1);
    await gate.send("journal", gate.batch(1, 15));
    await gate.send("journal", gate.batch(16, 8));
    expect(await sequences("event")).toEqual(numbers(1, 23));
    expect(await sequences("event_replaced")).toEqual(numbers(21, 25));
    expect(await alarms()).toContainEqual({ kind: "replaced", sequence: 21 });
    const [head] = await rows(
      "select last_sequence::int as last, last_hash, reread_since from gate_journal where gate_id = $1",
    );
    expect(head.last).toBe(23);
    expect(Buffer.compare(head.last_hash, gate.hashAfter(23))).toBe(0);
    expect(head.reread_since).toBeNull();
    // The acceptance was for this once.
    const other = gate.batch(20, 1, { entries: [gate.journal[20] ?? new Uint8Array()] });
    await expect(gate.send("journal", other)).rejects.toThrow();
  });

  it("is not let off with a journal that does not follow from its beginning", async () => {
    await stop();
    const test = await start("backup");
    await running?.pool.query("update gate_journal set reread_since = now()");
    await comeBack(test, 0, 99);
    gate.journal.length = 22;
    gate.record(2, Instant(START + 120_000));
    const torn = gate.batch(23, 2, { previousHash: new Uint8Array(32).fill(1) });
    await expect(gate.send("journal", torn)).rejects.toThrow();
    expect(await sequences("event")).toEqual(numbers(1, 23));
  });
});

describe("a gate that comes back with a backlog", () => {
  it("is no sign of an older copy, though its status is on the way together with its hello", async () => {
    await stop();
    const test = await start("backup");
    gate = await TestGate.enrolled(test);
    gate.record(10);
    await gate.connect(test);
    await Promise.all([gate.sayHello({ snapshotVersion: 0 }), gate.sayStatus(10)]);
    await gate.send("journal", gate.batch(1, 10));
    await gate.sayStatus(0);
    expect(await alarms()).toEqual([]);
    expect(await sequences("event")).toEqual(numbers(1, 10));
  });

  it("is noticed all the same where it is one", async () => {
    await running?.pool.query("delete from event where gate_id = $1 and sequence > 4", [gate.gateId]);
    await running?.pool.query(
      "update gate_journal set last_sequence = 4, last_hash = $2 where gate_id = $1",
      [gate.gateId, gate.hashAfter(4)],
    );
    await stop();
    const test = await start("backup");
    await gate.connect(test);
    await Promise.all([gate.sayHello({ snapshotVersion: 0 }), gate.sayStatus(0)]);
    expect(await alarms()).toEqual([{ kind: "server-behind", sequence: 5 }]);
  });
});
