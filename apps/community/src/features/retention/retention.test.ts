import { Duration, Instant } from "@menshen/domain";
import {
  credentialEndpoints,
  evidenceEndpoints,
  personEndpoints,
  type RecordCheck,
  retentionEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { makeLeafRecorder } from "../../evidence-record/index.ts";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID } from "../../testing/test-site.ts";
import { readModel } from "../publishing/model-reader.ts";

const DAY_MS = 86_400_000;
// Certificates are read by the machine's clock.
const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const journal = await connectGate(server, site);
const { pool, clock } = server;
const why = { reason: { code: "test" } } as const;

async function check(): Promise<RecordCheck> {
  await server.logRunner.settle();
  // A session would have ended by now.
  const audit = await server.founder("audit");
  const answer = await audit.call(evidenceEndpoints.check, { body: { from: 0 } });
  expect(answer.next).toBeUndefined();
  return answer;
}

const one = async (sql: string) => Number((await pool.query(sql)).rows[0]?.value);
const kinds = async () =>
  (await pool.query("select kind, count(*)::int as count from event group by kind order by kind")).rows;

test("door entries and passages go with their epoch's keys; what devices said stays (privacy row L2)", async () => {
  const at = clock.now();
  await journal.access({
    at,
    accessPointId: site.points.northIn,
    granted: true,
    reasons: [{ code: "rule-allows", rule: 1 }],
    card: { kind: "desfire", identifier: CARD_UID },
  });
  await journal.portal(at, site.portals.north, "opened");
  await journal.portal(at, site.portals.north, "forced");
  await journal.reader(at, site.readerId, "online");
  // Its gate's clock never ran: it goes by when it came.
  await journal.access({
    at: Instant(0),
    accessPointId: site.points.northIn,
    granted: false,
    reasons: [{ code: "credential-unknown" }],
  });
  const before = [
    { kind: 1, count: 2 },
    { kind: 2, count: 2 },
    { kind: 3, count: 1 },
  ];
  expect(await kinds()).toEqual(before);
  await server.tidy();
  expect(await kinds()).toEqual(before);

  // 28 days of the epoch, which began at midnight, and 30 of retention.
  const sinceMidnight =
    at - Number(await one("select extract(epoch from anchor) * 1000 as value from epoch_grid"));
  clock.advance(Duration.ms(58 * DAY_MS - sinceMidnight - 1));
  await server.tidy();
  expect(await kinds()).toEqual(before);
  clock.advance(Duration.ms(1));
  await server.tidy();
  expect(await kinds()).toEqual([
    { kind: 2, count: 1 },
    { kind: 3, count: 1 },
  ]);
  expect((await pool.query("select from event where pseudonym is not null")).rowCount).toBe(0);
});

test("a gate that sends again what was deleted contradicts nothing", async () => {
  await journal.gate.send("journal", journal.gate.batch(1, 3));
  expect(await kinds()).toEqual([
    { kind: 2, count: 1 },
    { kind: 3, count: 1 },
  ]);
  expect(await one("select count(*) as value from gate_alarm")).toBe(0);
});

test("records younger than the set time cannot be deleted, by SQL either (privacy row L5)", async () => {
  await expect(pool.query("delete from change")).rejects.toThrow("only grow");
  await expect(
    pool.query("begin; set local menshen.deleted_before = '2000-01-01'; delete from change; commit"),
  ).rejects.toThrow("only grow");
  await pool.query("rollback");
  await expect(pool.query("update record_setting set retention_days = 183")).rejects.toThrow("check");
});

test("the time for records is changed with a reason, in the log, and never below six months", async () => {
  const secure = await server.founder("secure");
  const { revision } = await secure.call(retentionEndpoints.get);
  const body = { recordRetentionDays: 200, revision };
  expect(await secure.refused(retentionEndpoints.change, { body })).toMatchObject({
    code: "reason-required",
  });
  expect(
    await secure.refused(retentionEndpoints.change, { body: { ...body, recordRetentionDays: 183 }, ...why }),
  ).toMatchObject({ code: "invalid-request" });
  const changed = await secure.call(retentionEndpoints.change, { body, ...why });
  expect(changed).toMatchObject({ recordRetentionDays: 200, revision: revision + 1 });
  expect(await secure.refused(retentionEndpoints.change, { body, ...why })).toMatchObject({
    code: "stale-revision",
  });
  const operate = await server.founder();
  expect(await operate.refused(retentionEndpoints.get)).toMatchObject({ code: "wrong-duty" });
  const { items } = await operate.call(evidenceEndpoints.statements, {
    query: { topic: "settings-changed" },
  });
  expect(JSON.parse(items[0]?.statement ?? "")).toMatchObject({
    setting: "record-retention-days",
    before: 400,
    after: 200,
  });
});

test("records go when their time is over, and the check says so and finds nothing wrong (privacy row L5)", async () => {
  expect(await check()).toMatchObject({ problems: [], deleted: 0, forgotten: 0 });
  const oldChanges = await one("select count(*) as value from change");
  const oldViews = await one("select count(*) as value from personal_view");
  const oldStatements = await one("select count(*) as value from evidence_statement");
  expect(oldChanges).toBeGreaterThan(15);
  clock.advance(Duration.ms(201 * DAY_MS));
  // Only what has its place in the log can be named by a leaf; the rest waits for the next time.
  await server.tidy();
  await server.logRunner.settle();
  await server.tidy();
  expect(await one("select count(*) as value from change")).toBe(0);
  expect(await one("select count(*) as value from personal_view")).toBe(0);
  expect(await kinds()).toEqual([]);
  const found = await check();
  expect(found).toMatchObject({ problems: [], forgotten: 0 });
  expect(found.deleted).toBeGreaterThan(15);
  expect(await one("select count(*) as value from evidence_statement")).toBeLessThan(oldStatements);
  const { rows } = await pool.query<{ said: { rows: Record<string, number> } }>(
    "select statement::jsonb as said from evidence_statement where topic = 'records-deleted'",
  );
  const sum = (name: string) => rows.reduce((all, { said }) => all + (said.rows[name] ?? 0), 0);
  expect([sum("change"), sum("personal-view"), sum("gate-alarm")]).toEqual([oldChanges, oldViews, 0]);
});

test("a record that somebody else deleted is still found, and so is a deletion before its time (privacy row L5)", async () => {
  await server.founder();
  await server.logRunner.settle();
  const { rows } = await pool.query<{ leaf_id: string }>(
    `select leaf_id from evidence_statement s join evidence_leaf using (leaf_id)
     where topic = 'administration-recorded' order by index desc limit 1`,
  );
  const leafId = rows[0]?.leaf_id;
  await pool.query("create table kept as select * from evidence_statement where leaf_id = $1", [leafId]);
  await pool.query("delete from evidence_statement where leaf_id = $1", [leafId]);
  expect((await check()).problems).toMatchObject([
    { kind: "statement-missing" },
    { kind: "row-unrecorded", table: "change" },
    { kind: "erasure-unsaid", row: "1" },
  ]);
  // A statement that the log does not hold excuses nothing.
  await pool.query(
    `insert into evidence_statement select gen_random_uuid(), 'records-deleted', subject_kind, subject_id,
       '{"at":1,"before":0,"leaves":[[0,100000]],"topic":"records-deleted"}', true, at from kept`,
  );
  expect((await check()).problems).toMatchObject([
    { kind: "statement-missing" },
    { kind: "row-unrecorded", table: "change" },
    { kind: "erasure-unsaid", row: "1" },
  ]);
  await pool.query("delete from evidence_statement where statement like '{\"at\":1,%'");
  await pool.query("insert into evidence_statement select * from kept");
  expect((await check()).problems).toEqual([]);

  const leaves = makeLeafRecorder({ storageKey: server.storageKey });
  const at = clock.now();
  const client = await pool.connect();
  await leaves.record(client, {
    at,
    topic: "records-deleted",
    subject: { kind: "community" },
    statement: { before: at - 183 * DAY_MS, leaves: [] },
    public: true,
  });
  client.release();
  expect((await check()).problems).toMatchObject([{ kind: "deleted-early" }]);
});

test("an erased person leaves no text, no salt, no card; the receipt says until when sealed entries last", async () => {
  const operate = await server.founder();
  const { personId, credentialId } = site.resident;
  const id = { params: { id: personId } };
  await operate.call(personEndpoints.get, { ...id, viewReason: { code: "complaint" } });
  expect(await one(`select count(*) as value from keys.subject_salt where id = '${personId}'`)).toBe(1);
  expect(await operate.refused(personEndpoints.erase, { ...id, ...why })).toMatchObject({ code: "conflict" });
  await operate.call(personEndpoints.remove, { ...id, reason: { code: "resident-request" } });
  expect(await operate.refused(personEndpoints.erase, id)).toMatchObject({ code: "reason-required" });
  const known = await readModel(server.db);
  expect(known.credentials.get(credentialId)?.record.status).toBe("lost");
  const receipt = await operate.call(personEndpoints.erase, { ...id, ...why });
  // What gates are told next is made from here.
  expect((await readModel(server.db, known)).credentials.has(credentialId)).toBe(false);

  const anchor = await one("select extract(epoch from anchor) * 1000 as value from epoch_grid");
  // Tenth epoch: 58 and 201 days after the first day.
  expect(receipt).toMatchObject({
    erasedAt: clock.now(),
    sealedUntil: anchor + 10 * 28 * DAY_MS + 30 * DAY_MS,
    recordsUntil: clock.now() + 200 * DAY_MS,
    // The look here, the one that came with the removal, and that a card was given out.
    statements: 3,
  });
  for (const [table, column] of [
    ["person", "id"],
    ["residency", "person_id"],
    ["credential", "person_id"],
    ["personal_view", "person_id"],
    ["keys.subject_salt", "id"],
    ["evidence_statement", "subject_id"],
  ]) {
    expect([
      table,
      await one(`select count(*) as value from ${table} where ${column} = '${personId}'`),
    ]).toEqual([table, 0]);
  }
  const why2 = { viewReason: { code: "complaint" } } as const;
  expect(await operate.refused(personEndpoints.get, { ...id, ...why2 })).toMatchObject({ status: 404 });
  expect(
    await operate.refused(credentialEndpoints.get, { params: { id: credentialId }, ...why2 }),
  ).toMatchObject({ status: 404 });
  expect(await check()).toMatchObject({
    problems: [{ kind: "deleted-early" }],
    forgotten: receipt.statements,
  });
});

test("statements about a person that somebody else deleted are missed", async () => {
  const operate = await server.founder();
  const person = await operate.call(personEndpoints.create, { body: { displayName: "赵" } });
  await operate.call(personEndpoints.get, { params: { id: person.id } });
  await server.logRunner.settle();
  await pool.query("delete from evidence_statement where subject_id = $1", [person.id]);
  await pool.query("alter table personal_view disable trigger user");
  await pool.query("delete from personal_view where person_id = $1", [person.id]);
  await pool.query("alter table personal_view enable trigger user");
  expect((await check()).problems).toMatchObject([
    { kind: "deleted-early" },
    { kind: "erasure-unsaid", row: "1" },
  ]);
});

test("whoever was removed is erased when the removal can no more be undone", async () => {
  clock.advance(Duration.minutes(1));
  const operate = await server.founder();
  const person = await operate.call(personEndpoints.create, { body: { displayName: "钱" } });
  await operate.call(personEndpoints.remove, { params: { id: person.id } });
  await server.tidy();
  const there = `select count(*) as value from person where id = '${person.id}'`;
  expect(await one(there)).toBe(1);
  clock.advance(Duration.ms(30 * DAY_MS + 1));
  await server.tidy();
  expect(await one(there)).toBe(0);
});
