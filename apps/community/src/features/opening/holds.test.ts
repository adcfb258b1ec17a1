import { parsePackageKeys, verifyPackage } from "@menshen/custody";
import { Duration, epochAt, epochDeath, epochStart } from "@menshen/domain";
import { custodianOpeningEndpoints, evidenceEndpoints, openingEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { selectEpochGrid } from "../trail/index.ts";
import { DAY, HOUR, makeOpeningWorld } from "./testing/opening-world.ts";

const world = await makeOpeningWorld();
const { server, site, custodian } = world;
const REASON = { code: "incident" } as const;
const grid = await selectEpochGrid(server.db);
const statements = async (topic: "hold-placed" | "hold-ended") => {
  const { items } = await server.visitor().call(evidenceEndpoints.statements, { query: { topic } });
  return items.map(({ statement }) => JSON.parse(statement));
};
const give = async (index: number, id: string, partials: string[]) =>
  (await custodian(index).ask(custodianOpeningEndpoints.answer, { params: { id }, body: { partials } })).body;

// The card was enrolled before it was used.
server.clock.advance(Duration.hours(6));
const now = server.clock.now();
const entryAt = now - HOUR;
const holdUntil = now + 80 * DAY;
/** The epoch in which the hold ends. */
const lasting = epochAt(grid, holdUntil) ?? 0;
await world.pass(entryAt);
await world.pass(entryAt + 1, { accessPointId: site.points.northOut });
let holdId = "";

test("entries named in a case are sealed again by all who answer, and nothing is opened", async () => {
  const records = await world.records();
  const hold = await world.requested(records, { holdUntil });
  holdId = hold.id;
  expect([lasting, hold.entryCount, hold.holdUntil]).toEqual([3, 1, holdUntil]);
  const [plain = ""] = await custodian(1).partialsFor(holdId);
  expect((await give(1, holdId, [plain])).rejected).toEqual([{ position: 0, fault: "malformed" }]);
  const early = await custodian(1).sealedAgain(holdId, lasting - 1);
  expect((await give(1, holdId, early)).rejected).toEqual([{ position: 0, fault: "not-asked" }]);
  const sealed = await custodian(1).sealedAgain(holdId, lasting);
  expect(await give(1, holdId, sealed)).toEqual({ counted: 1, rejected: [], state: "requested" });
  expect((await give(1, holdId, sealed)).rejected).toEqual([{ position: 0, fault: "twice" }]);
  expect((await give(2, holdId, await custodian(2).sealedAgain(holdId, lasting))).state).toBe("requested");
  expect((await give(3, holdId, await custodian(3).sealedAgain(holdId, lasting))).state).toBe("answered");
  expect(await statements("hold-placed")).toEqual([
    { topic: "hold-placed", at: server.clock.now(), entries: 1, holdUntil },
  ]);
  const params = { id: holdId };
  expect(await records.refused(openingEndpoints.handOver, { params, reason: REASON })).toMatchObject({
    detail: "nothing was opened",
  });
});

test("whoever refuses is waited for no longer", async () => {
  const { id } = await world.requested(await world.records(), { holdUntil: holdUntil + 1_000 });
  for (const index of [1, 2]) {
    expect((await give(index, id, await custodian(index).sealedAgain(id, lasting))).state).toBe("requested");
  }
  const refusal = { params: { id }, body: { reason: "no-legal-ground" } } as const;
  expect((await custodian(3).ask(custodianOpeningEndpoints.refuse, refusal)).status).toBe(204);
  expect(await (await world.records()).call(openingEndpoints.get, { params: { id } })).toMatchObject({
    state: "answered",
  });
});

test("a hold needs a key for the time of its end", async () => {
  const records = await world.records();
  const body = await world.draft(records, { holdUntil: epochStart(grid, 6) + 1 });
  expect((await records.call(openingEndpoints.check, { body })).refusals).toEqual([
    { code: "hold-without-key", field: "holdUntil" },
  ]);
});

test("after the epoch's end the hold opens, and nothing else of that epoch; the package verifies", async () => {
  const death = epochDeath(grid, 1, 30);
  server.clock.advance(Duration.ms(death + DAY - server.clock.now()));
  await server.openings.seal.tick();
  const records = await world.records();
  const window = { from: entryAt - HOUR, until: entryAt + HOUR };
  const refusals = async (change: object) =>
    (
      await records.call(openingEndpoints.check, {
        body: await world.draft(records, { ...window, ...change }),
      })
    ).refusals;
  expect(await refusals({})).toEqual([{ code: "entries-destroyed", field: "from" }]);
  expect(await refusals({ heldBy: holdId, accessPointIds: [site.points.northOut] })).toEqual([
    { code: "outside-hold", field: "heldBy" },
  ]);
  expect(await refusals({ heldBy: holdId, from: entryAt - 5 * HOUR })).toEqual([
    { code: "outside-hold", field: "heldBy" },
  ]);
  expect(await refusals({ heldBy: "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11" })).toEqual([
    { code: "hold-unknown", field: "heldBy" },
  ]);

  const { id, entryCount } = await world.requested(records, { ...window, heldBy: holdId });
  expect(entryCount).toBe(1);
  expect(await custodian(2).answer(id)).toEqual({ counted: 3, rejected: [], state: "requested" });
  expect((await give(3, id, await custodian(2).partialsFor(id))).rejected[0]).toEqual({
    position: 0,
    fault: "not-yours",
  });
  expect((await custodian(3).answer(id)).state).toBe("answered");
  const handed = await records.call(openingEndpoints.handOver, { params: { id }, reason: REASON });
  const pinned = parsePackageKeys(await server.visitor().call(openingEndpoints.keys));
  const verdict = verifyPackage(handed.package, pinned);
  if (!verdict.verified) throw new Error(JSON.stringify(verdict.faults));
  expect(verdict.entries).toMatchObject([{ earliest: entryAt, holder: { name: "李奶奶" } }]);
});

test("at its end date nothing of a hold is left", async () => {
  server.clock.advance(Duration.ms(holdUntil - server.clock.now()));
  await server.openings.seal.tick();
  expect(await statements("hold-ended")).toEqual([{ topic: "hold-ended", at: holdUntil, holdUntil }]);
  expect(
    (await server.pool.query("select 1 from opening_held where opening_id = $1", [holdId])).rowCount,
  ).toBe(0);
  const records = await world.records();
  const body = await world.draft(records, { from: entryAt - HOUR, until: entryAt + HOUR, heldBy: holdId });
  expect((await records.call(openingEndpoints.check, { body })).refusals).toEqual([
    { code: "hold-unknown", field: "heldBy" },
  ]);
  const year = String(new Date(now).getUTCFullYear());
  expect(await server.visitor().call(openingEndpoints.report, { params: { year } })).toMatchObject({
    report: { holds: 2 },
    equal: true,
  });
});
