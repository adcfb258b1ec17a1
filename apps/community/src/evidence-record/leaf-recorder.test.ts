import { primitives, randomBytes } from "@menshen/crypto/node";
import { opensLeaf, parseLeaf } from "@menshen/evidence";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { makeStorageKey } from "../keys/storage-key.ts";
import { MONDAY_MORNING } from "../testing/test-clock.ts";
import { startTestDatabase } from "../testing/test-database.ts";
import { makeLeafRecorder, openStatements } from "./index.ts";

const { db, pool } = await startTestDatabase();
const storageKey = makeStorageKey(randomBytes(32));
const leaves = makeLeafRecorder({ storageKey });
const PERSON = "11111111-1111-4111-8111-111111111111";
const OTHER = "22222222-2222-4222-8222-222222222222";

const viewed = (id: string) => ({
  at: MONDAY_MORNING,
  topic: "personal-data-viewed" as const,
  subject: { kind: "person" as const, id },
  statement: { purpose: "law", body: "property" },
});

async function entryOf(leafId: string): Promise<Uint8Array> {
  const { rows } = await pool.query<{ entry: Buffer }>(
    "select entry from evidence_pending where leaf_id = $1",
    [leafId],
  );
  return new Uint8Array(rows[0]?.entry ?? []);
}

test("what waits for the log commits to the statement, and its salt opens it", async () => {
  const leafId = await db.transaction().execute((trx) => leaves.record(trx, viewed(PERSON)));
  const [opened] = await openStatements(db, storageKey, [leafId]);
  expect(opened).toMatchObject({
    leafId,
    topic: "personal-data-viewed",
    statement: '{"at":1795392000000,"body":"property","purpose":"law","topic":"personal-data-viewed"}',
  });
  const parsed = parseLeaf(await entryOf(leafId));
  if (!parsed.parsed || opened?.salt === undefined) throw new Error("expected a leaf and its salt");
  const said = new TextEncoder().encode(opened.statement);
  expect(opensLeaf(primitives, parsed.leaf, opened.salt, said)).toBe(true);
  expect(opensLeaf(primitives, parsed.leaf, new Uint8Array(32), said)).toBe(false);
});

test("leaves keep their order, have salts of their own, and each subject one key", async () => {
  const ids = await db
    .transaction()
    .execute((trx) => leaves.recordAll(trx, [viewed(OTHER), viewed(PERSON), viewed(OTHER)]));
  const waiting = await pool.query<{ leaf_id: string }>(
    "select leaf_id from evidence_pending where leaf_id = any ($1) order by position",
    [ids],
  );
  expect(waiting.rows.map((row) => row.leaf_id)).toEqual(ids);
  const opened = await openStatements(db, storageKey, ids);
  expect(opened.map(({ leafId }) => leafId)).toEqual(ids);
  expect(new Set(opened.map(({ salt }) => String(salt))).size).toBe(3);
  const keys = await pool.query("select kind, id from keys.subject_salt order by id");
  expect(keys.rows).toEqual([
    { kind: "person", id: PERSON },
    { kind: "person", id: OTHER },
  ]);
});

test("a transaction that fails leaves no leaf, no statement and no key", async () => {
  const opening = { kind: "opening" as const, id: OTHER };
  const failing = db.transaction().execute(async (trx) => {
    await leaves.record(trx, { ...viewed(PERSON), subject: opening });
    throw new Error("the change failed");
  });
  await expect(failing).rejects.toThrow("the change failed");
  const { rows } = await pool.query("select from evidence_statement where subject_kind = 'opening'");
  const keys = await pool.query("select from keys.subject_salt where kind = 'opening'");
  expect([rows.length, keys.rows.length]).toEqual([0, 0]);
});

test("the gate link's own transactions record too, and the log hears of it", async () => {
  let told = 0;
  const telling = makeLeafRecorder({ storageKey, onRecorded: () => (told += 1) });
  const client = await pool.connect();
  await client.query("begin");
  const leafId = await telling.record(client, {
    ...viewed(PERSON),
    topic: "gate-certificate-issued",
    subject: { kind: "community" },
    public: true,
  });
  await client.query("commit");
  client.release();
  expect(told).toBe(1);
  expect(await entryOf(leafId)).toHaveLength(57);
});

test("when a person's salt key is destroyed, nothing opens their leaves any more", async () => {
  const leafId = await db.transaction().execute((trx) => leaves.record(trx, viewed(OTHER)));
  await sql`delete from keys.subject_salt where id = ${OTHER}`.execute(db);
  const [opened] = await openStatements(db, storageKey, [leafId]);
  expect(opened?.salt).toBeUndefined();
});

test("a statement never changes, also by SQL", async () => {
  await expect(pool.query("update evidence_statement set statement = '{}'")).rejects.toThrow("only grow");
});

test("a salt key belongs to its subject: moved to another it does not open", async () => {
  const leafId = await db.transaction().execute((trx) => leaves.record(trx, viewed(OTHER)));
  await sql`update keys.subject_salt set sealed = (select sealed from keys.subject_salt where id = ${PERSON})
    where id = ${OTHER}`.execute(db);
  await expect(openStatements(db, storageKey, [leafId])).rejects.toMatchObject({ code: "keys-unreadable" });
});
