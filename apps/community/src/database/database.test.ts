import { sql } from "kysely";
import { expect, test } from "vitest";
import { startTestDatabase } from "../testing/test-database.ts";
import { moment, optionalMoment } from "./database.ts";

const { db } = await startTestDatabase();
const CHALLENGE = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";

test("instants come back as the milliseconds they went in as", async () => {
  await db
    .insertInto("webauthn_challenge")
    .values({ id: CHALLENGE, staff_id: null, challenge: "x", expires_at: moment(1_790_000_000_123) })
    .execute();
  const row = await db.selectFrom("webauthn_challenge").selectAll().executeTakeFirstOrThrow();
  expect(row.expires_at).toBe(1_790_000_000_123);
  expect(optionalMoment(undefined)).toBeNull();
});

test("dates stay text and big integers become numbers", async () => {
  await db.insertInto("holiday").values({ date: "2026-10-01", kind: "public", name: "国庆节" }).execute();
  expect(await db.selectFrom("holiday").selectAll().execute()).toEqual([
    { date: "2026-10-01", kind: "public", name: "国庆节" },
  ]);
  const { rows } = await sql<{ n: number }>`select 9007199254740991::bigint as n`.execute(db);
  expect(rows).toEqual([{ n: 9_007_199_254_740_991 }]);
});

test("names sort by number and by pinyin", async () => {
  const { rows } = await sql<{ name: string }>`
    select name from unnest(array['10号楼', '9号楼', '海棠苑', '北门']) as n(name)
    order by name collate natural_order`.execute(db);
  expect(rows.map((row) => row.name)).toEqual(["9号楼", "10号楼", "北门", "海棠苑"]);
});

test("records of changes only grow", async () => {
  await db
    .insertInto("change")
    .values({
      at: moment(0),
      action: "test.made",
      entity: "test",
      entity_id: "1",
      reason_code: "test",
      staff_id: null,
      duty: null,
      reason_text: null,
      before: null,
      after: null,
    })
    .execute();
  await expect(sql`update change set action = 'x'`.execute(db)).rejects.toThrow(
    "records in change only grow",
  );
  await expect(sql`delete from change`.execute(db)).rejects.toThrow("records in change only grow");
  await expect(sql`truncate change`.execute(db)).rejects.toThrow("records in change only grow");
});
