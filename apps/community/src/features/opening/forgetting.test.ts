import { Duration } from "@menshen/domain";
import { openingEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { DAY, HOUR, makeOpeningWorld } from "./testing/opening-world.ts";

// What a request took in goes when nobody needs it any more.

const world = await makeOpeningWorld();
const { server, custodian } = world;
const reason = { code: "incident" } as const;
const advance = (ms: number) => server.clock.advance(Duration.ms(ms));
const count = async (table: string) => {
  const { rows } = await server.pool.query(`select count(*)::int as count from ${table}`);
  return rows[0]?.count;
};

test("copies of entries go with their epoch, once the package was handed over; how many there were stays", async () => {
  advance(6 * HOUR);
  await world.pass(server.clock.now() - HOUR);
  const records = await world.records();
  const { id } = await world.requested(records);
  for (const index of [1, 2]) await custodian(index).answer(id);
  // The seal is still on, and nobody has fetched what was opened.
  advance(27 * DAY);
  await server.tidy();
  expect([await count("event where kind = 1"), await count("opening_entry")]).toEqual([1, 1]);

  const params = { id };
  await (await world.records()).call(openingEndpoints.handOver, { params, reason });
  await server.tidy();
  expect(await count("opening_entry")).toBe(1);
  advance(32 * DAY);
  await server.tidy();
  expect([await count("event where kind = 1"), await count("opening_entry")]).toEqual([0, 0]);
  const opening = await (await world.records()).call(openingEndpoints.get, { params });
  expect(opening).toMatchObject({ state: "answered", entryCount: 1, openedCount: 1 });
});

test("scans of documents go when the time of records is over and their requests are public", async () => {
  expect(await count("opening_document")).toBe(1);
  advance(342 * DAY);
  await server.tidy();
  // The seal ended long ago, but nobody has been told yet.
  expect(await count("opening_document")).toBe(1);
  await server.openings.seal.tick();
  await server.tidy();
  expect(await count("opening_document")).toBe(0);
});
