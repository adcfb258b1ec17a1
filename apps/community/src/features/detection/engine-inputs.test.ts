import { Duration } from "@menshen/domain";
import { portalEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { makeEngineInputs } from "./engine-inputs.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { pool, clock } = server;
let statements = 0;
const db = server.db.withPlugin({
  transformQuery: ({ node }) => {
    statements += 1;
    return node;
  },
  transformResult: async ({ result }) => result,
});
const read = makeEngineInputs(db, clock);

test("one statement tells that nothing changed, and then nothing is read", async () => {
  const first = await read();
  statements = 0;
  for (let again = 0; again < 5; again++) expect(await read()).toBe(first);
  expect(statements).toBe(5);
});

const card = Buffer.alloc(24, 1);
test.each<[string, () => Promise<unknown>]>([
  [
    "a walk",
    () =>
      pool.query("insert into detection_walk values ($1, $2, 90)", [
        ...[site.points.northIn, site.points.northOut].toSorted(),
      ]),
  ],
  ["another time of a walk", () => pool.query("update detection_walk set seconds = 91")],
  ["a number of the settings", () => pool.query(`update detection_setting set tuned = '{"lateHours": 12}'`)],
  ["the time zone", () => pool.query("update community set time_zone = 'Europe/Berlin'")],
  [
    "a lost card",
    () => pool.query("insert into detection_end (credential, epoch, at) values ($1, 1, now())", [card]),
  ],
  ["a lost card that is forgotten", () => pool.query("delete from detection_end")],
  [
    "a door that is taken away",
    async () => {
      const { items } = await site.operate.call(portalEndpoints.list);
      const north = items.find(({ gateId }) => gateId === site.gateId);
      const { rows } = await pool.query("update portal set removed_at = now() where id = $1 returning id", [
        north?.id,
      ]);
      expect(rows).toHaveLength(1);
    },
  ],
  [
    "the side of a door",
    () => pool.query("update access_point set to_area_id = from_area_id, from_area_id = to_area_id"),
  ],
  ["the epoch", async () => clock.advance(Duration.days(30))],
])("%s is seen at once", async (_what, change) => {
  const before = await read();
  await change();
  const after = await read();
  expect(after.key).not.toBe(before.key);
  expect(await read()).toBe(after);
});

test("a change that is taken back again, and one of something else, leave what was read", async () => {
  const before = await read();
  await pool.query("update detection_setting set judged_at = now()");
  expect(await read()).toBe(before);
  await pool.query("begin; update detection_walk set seconds = 1; rollback");
  expect(await read()).toBe(before);
});

test("entries that gave way make all be judged anew, and by the same numbers and doors", async () => {
  const before = await read();
  const gaveWay = () =>
    pool.query(
      `insert into gate_alarm (gate_id, kind, sequence, first_at, last_at) values ($1, 'replaced', 7, now(), now())
       on conflict (gate_id, kind, sequence) do update set times = gate_alarm.times + 1`,
      [site.gateId],
    );
  await pool.query("insert into gate_device (gate_id) values ($1) on conflict do nothing", [site.gateId]);
  await gaveWay();
  const once = await read();
  expect(once).not.toBe(before);
  expect(once.key).toBe(before.key);
  await pool.query("update gate_alarm set cleared_at = now()");
  expect(await read()).toBe(once);
  await gaveWay();
  expect(await read()).not.toBe(once);
});
