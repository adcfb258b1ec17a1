import { evidenceEndpoints, gateEndpoints, personEndpoints, type RecordCheck } from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const audit = await server.founder("audit");
const { pool } = server;

async function check(): Promise<RecordCheck> {
  await server.logRunner.settle();
  const answer = await audit.call(evidenceEndpoints.check, { body: { from: 0 } });
  expect(answer.next).toBeUndefined();
  return answer;
}

/** What somebody does who owns the database and no key: triggers stop nobody then. Undone afterwards. */
async function tampered(table: string, change: string, undo: string): Promise<RecordCheck> {
  const run = async (sql: string) => {
    await pool.query(`alter table ${table} disable trigger user`);
    await pool.query(sql);
    await pool.query(`alter table ${table} enable trigger user`);
  };
  await run(change);
  const found = await check();
  await run(undo);
  expect((await check()).problems).toEqual([]);
  return found;
}

const one = async (sql: string) => String((await pool.query(sql)).rows[0]?.value);

test("a record that nobody touched is whole: every change, sign-in and look is held by the log (privacy row L5)", async () => {
  await site.operate.call(personEndpoints.get, { params: { id: site.resident.personId } });
  const found = await check();
  const changes = Number(await one("select count(*) as value from change"));
  const views = Number(await one("select count(*) as value from personal_view"));
  expect(changes).toBeGreaterThan(15);
  expect(
    Number(await one("select count(*) as value from change where action = 'staff.signed-in'")),
  ).toBeGreaterThan(2);
  expect(found).toMatchObject({ rows: changes + views, problems: [], problemCount: 0, forgotten: 0 });
  expect(found.leaves).toBe(found.size);
});

test("the record only grows, for the server too (privacy row L5)", async () => {
  await expect(pool.query("update change set reason_text = 'x'")).rejects.toThrow("only grow");
  await expect(pool.query("delete from change")).rejects.toThrow("only grow");
});

test("one edited line is found and named (privacy row L5)", async () => {
  const row = await one("select id as value from change where action = 'gate.created'");
  const found = await tampered(
    "change",
    `update change set after = after || '{"doorGroup": 2}' where id = ${row}`,
    `update change set after = after || '{"doorGroup": 1}' where id = ${row}`,
  );
  expect(found.problems).toEqual([{ kind: "row-differs", index: expect.any(Number), table: "change", row }]);
});

test("who did it and when belong to the line (privacy row L5)", async () => {
  const row = await one("select max(id) as value from change where staff_id is not null");
  const staff = await one(`select staff_id as value from change where id = ${row}`);
  for (const [set, back] of [
    ["staff_id = null", `staff_id = '${staff}'`],
    ["at = at - interval '1 hour'", "at = at + interval '1 hour'"],
    ["reason_code = reason_code || 'x'", "reason_code = left(reason_code, -1)"],
  ]) {
    const sql = (what: string | undefined) => `update change set ${what} where id = ${row}`;
    const found = await tampered("change", sql(set), sql(back));
    expect(found.problems).toMatchObject([{ kind: "row-differs", row }]);
  }
});

test("one deleted line is found and named (privacy row L5)", async () => {
  const row = await one("select id as value from change where action = 'area.created' limit 1");
  await pool.query(`create table kept as select * from change where id = ${row}`);
  const found = await tampered(
    "change",
    `delete from change where id = ${row}`,
    "insert into change overriding system value select * from kept",
  );
  expect(found.problems).toMatchObject([{ kind: "row-missing", table: "change", row }]);
});

test("a line put in later is found and named (privacy row L5)", async () => {
  const insert = `insert into change (id, at, action, entity, entity_id, reason_code) overriding system value
    values (900000, now(), 'gate.revoked', 'gate', 'x', 'test')`;
  const found = await tampered("change", insert, "delete from change where id = 900000");
  expect(found.problems).toEqual([{ kind: "row-unrecorded", table: "change", row: "900000" }]);
});

test("a statement bent to fit an edited line no longer opens its leaf (privacy row L5)", async () => {
  const leafId = await one(
    "select leaf_id as value from evidence_statement where topic = 'administration-recorded' order by at limit 1",
  );
  const statement = await one(
    `select statement as value from evidence_statement where leaf_id = '${leafId}'`,
  );
  const set = (text: string) =>
    `update evidence_statement set statement = '${text}' where leaf_id = '${leafId}'`;
  const found = await tampered(
    "evidence_statement",
    set(statement.replace(/"sha256":"[0-9a-f]/, '"sha256":"x')),
    set(statement),
  );
  expect(found.problems).toMatchObject([{ kind: "statement-differs" }]);
});

test("a statement deleted with its lines leaves its leaf behind (privacy row L5)", async () => {
  const leafId = await one(
    "select leaf_id as value from evidence_statement where topic = 'administration-recorded' order by at limit 1",
  );
  await pool.query(
    `create table kept_statement as select * from evidence_statement where leaf_id = '${leafId}'`,
  );
  const found = await tampered(
    "evidence_statement",
    `delete from evidence_statement where leaf_id = '${leafId}'`,
    "insert into evidence_statement select * from kept_statement",
  );
  expect(found.problems.map(({ kind }) => kind)).toContain("statement-missing");
});

test("an edited or deleted look is found (privacy row L5)", async () => {
  const row = await one("select id as value from personal_view limit 1");
  const edited = await tampered(
    "personal_view",
    `update personal_view set purpose = 'law' where id = '${row}'`,
    `update personal_view set purpose = 'resident-request' where id = '${row}'`,
  );
  expect(edited.problems).toMatchObject([{ kind: "row-differs", table: "personal-view", row }]);
  await pool.query(`create table kept_view as select * from personal_view where id = '${row}'`);
  const deleted = await tampered(
    "personal_view",
    `delete from personal_view where id = '${row}'`,
    "insert into personal_view select * from kept_view",
  );
  expect(deleted.problems).toMatchObject([{ kind: "row-missing", table: "personal-view" }]);
});

test("an alarm about a gate is held by the log; an edited or deleted one is found (privacy row L5)", async () => {
  await pool.query("insert into gate_device (gate_id) values ($1) on conflict do nothing", [site.gateId]);
  await pool.query(
    "insert into gate_alarm (gate_id, kind, sequence, first_at, last_at) values ($1, 'fork', 7, now(), now())",
    [site.gateId],
  );
  const before = await check();
  expect(before.problems).toEqual([]);
  // Counting up and clearing are no tampering.
  await pool.query("update gate_alarm set times = 2, cleared_at = now()");
  expect((await check()).problems).toEqual([]);
  const row = await one("select id as value from gate_alarm");
  const edited = await tampered(
    "gate_alarm",
    "update gate_alarm set kind = 'unreadable'",
    "update gate_alarm set kind = 'fork'",
  );
  expect(edited.problems).toMatchObject([{ kind: "row-differs", table: "gate-alarm", row }]);
  await pool.query("create table kept_alarm as select * from gate_alarm");
  const deleted = await tampered(
    "gate_alarm",
    "delete from gate_alarm",
    "insert into gate_alarm overriding system value select * from kept_alarm",
  );
  expect(deleted.problems).toMatchObject([{ kind: "row-missing", table: "gate-alarm", row }]);
});

test("a log whose tiles were changed is damaged (privacy row L5)", async () => {
  const found = await tampered(
    "evidence_tile",
    "update evidence_tile set bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1) where path like 'tile/entries/%'",
    "update evidence_tile set bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1) where path like 'tile/entries/%'",
  );
  expect(found.problems).toEqual([{ kind: "log-damaged", index: 0 }]);
});

test("a person's forgotten looks are counted and no problem", async () => {
  await pool.query("create table kept_salt as select * from keys.subject_salt where kind = 'person'");
  await pool.query("delete from keys.subject_salt where kind = 'person'");
  const found = await check();
  expect(found.forgotten).toBeGreaterThan(0);
  expect(found.problems).toEqual([]);
  await pool.query("insert into keys.subject_salt select * from kept_salt");
});

test("only the auditor may ask", async () => {
  for (const client of [site.operate, site.secure]) {
    expect(await client.refused(evidenceEndpoints.check, { body: { from: 0 } })).toMatchObject({
      code: "wrong-duty",
    });
  }
  expect(await site.secure.call(gateEndpoints.list)).toBeDefined();
});
