import { randomBytes } from "@menshen/crypto/node";
import { parsePackageKeys, verifyEvidencePackage } from "@menshen/custody";
import { Duration, epochAt, epochDeath } from "@menshen/domain";
import {
  caseEndpoints,
  caseEvidenceEndpoints,
  custodianOpeningEndpoints,
  openingEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { DAY, makeOpeningWorld } from "../opening/testing/opening-world.ts";
import { selectEpochGrid } from "../trail/index.ts";

const MINUTE = 60_000;
const REASON = "asked for by the police station of the district";
const world = await makeOpeningWorld();
const { server, custodian } = world;
const grid = await selectEpochGrid(server.db);
// The card was enrolled before it was used.
server.clock.advance(Duration.hours(8));
const now = server.clock.now();
const holdUntil = now + 80 * DAY;
const death = epochDeath(grid, 1, 30);

/** Three cards are copied: their counters go back. */
const kept = await copied();
const refused = await copied();
const alone = await copied();

async function copied(): Promise<string> {
  const before = new Set((await listed()).map(({ id }) => id));
  const pseudonym = randomBytes(16);
  for (const [minutes, counter] of [
    [-200, 100],
    [-180, 101],
    [-170, 140],
    [-100, 102],
  ] as const) {
    await world.pass(now + minutes * MINUTE, { body: { pseudonym, evidence: { counter } } });
  }
  server.clock.advance(Duration.minutes(1));
  const earliest = server.clock.now();
  await world.gate.sayStatus(0, [], { earliest, latest: earliest });
  await eventually("status", async () =>
    (await server.gateLink.readGates()).some(({ status }) => status?.earliest === earliest),
  );
  await server.detection.settle();
  const found = (await listed()).find(({ id }) => !before.has(id));
  if (found === undefined) throw new Error("no case was raised");
  return found.id;
}

/** Signed in anew: the clock of these tests runs away from sessions. */
function operate() {
  return server.founder("operate");
}
async function listed() {
  return (await (await operate()).call(caseEndpoints.list, { query: {} })).items;
}
const detailOf = async (id: string) => (await operate()).call(caseEndpoints.get, { params: { id } });
const packagesOf = async (id: string) =>
  (await (await operate()).call(caseEvidenceEndpoints.list, { params: { id } })).items;
const count = async (sql: string) =>
  Number((await server.pool.query(`select count(*) from ${sql}`)).rows[0].count);

async function makePackage(id: string): Promise<Uint8Array> {
  const client = await operate();
  const made = await client.call(caseEvidenceEndpoints.make, { params: { id }, body: { reason: REASON } });
  await server.logRunner.settle();
  await eventually("sealed", async () =>
    (await packagesOf(id)).some((item) => item.id === made.id && item.state === "ready"),
  );
  const { file } = await client.call(caseEvidenceEndpoints.fetch, {
    params: { id, packageId: made.id },
    body: { recipient: "某区公安分局", reason: REASON },
  });
  return Uint8Array.from(Buffer.from(file, "base64"));
}

async function verdictOf(archive: Uint8Array) {
  const keys = parsePackageKeys(await server.visitor().call(openingEndpoints.keys));
  const verdict = await verifyEvidencePackage(archive, keys);
  if (!verdict.verified) throw new Error(JSON.stringify(verdict.faults));
  return verdict;
}

test("B4: cases are put under holds that custodians seal to the epoch of their end, or refuse", async () => {
  const records = await world.records();
  const lasting = epochAt(grid, holdUntil) ?? 0;
  const scope = { from: now - 300 * MINUTE, until: now, holdUntil };
  const hold = await world.requested(records, scope);
  expect(hold.entryCount).toBe(12);
  for (const index of [1, 2, 3]) {
    const partials = await custodian(index).sealedAgain(hold.id, lasting);
    const params = { id: hold.id };
    await custodian(index).ask(custodianOpeningEndpoints.answer, { params, body: { partials } });
  }
  const other = await world.requested(records, scope);
  const linked = { params: { id: refused }, body: { openingId: other.id } };
  await (await operate()).call(caseEndpoints.hold, linked);
  for (const index of [1, 2]) {
    const answer = { params: { id: other.id }, body: { reason: "no-legal-ground" } } as const;
    expect((await custodian(index).ask(custodianOpeningEndpoints.refuse, answer)).status).toBe(204);
  }
  await (await operate()).call(caseEndpoints.hold, { params: { id: kept }, body: { openingId: hold.id } });
  // A request that custodians refused keeps nothing, and is not taken for a hold.
  const state = async (id: string) =>
    (await (await world.records()).call(openingEndpoints.get, { params: { id } })).state;
  server.clock.advance(Duration.ms(3 * DAY));
  await server.openings.seal.tick();
  expect([await state(hold.id), await state(other.id)]).toEqual(["answered", "refused"]);
  expect(
    await (await operate()).refused(caseEndpoints.hold, { ...linked, params: { id: alone } }),
  ).toMatchObject({ code: "conflict" });
});

test("B4: once the epoch's entries are deleted, evidence is still made of what the hold keeps, and verifies", async () => {
  expect((await verdictOf(await makePackage(alone))).events).toHaveLength(4);
  server.clock.advance(Duration.ms(death + DAY - server.clock.now()));
  await server.openings.seal.tick();
  await server.tidy();
  expect(await count("event where pseudonym is not null")).toBe(0);
  expect((await detailOf(kept)).taps.map(({ counter }) => counter)).toEqual([102, 140, 101, 100]);
  const archive = await makePackage(kept);
  const verdict = await verdictOf(archive);
  expect(verdict.events.map(({ entry, stated }) => [entry.body.evidence?.counter, stated.half])).toEqual([
    [100, "first"],
    [101, "first"],
    [140, "second"],
    [102, "first"],
  ]);
  // They came one by one, so each is a batch that the hold keeps whole: the journal's chain still holds.
  expect(verdict).toMatchObject({ pinned: true, batches: 3 });
  for (const { stated } of verdict.events) expect(stated.receivedAt).toBeLessThan(now + 20 * MINUTE);
  for (const at of [archive.length >> 2, archive.length >> 1]) {
    const changed = archive.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(
      await verifyEvidencePackage(changed).then(
        ({ verified }) => verified,
        () => false,
      ),
    ).toBe(false);
  }
});

test("L2: what no hold keeps went with the epoch: names of cards, signs, packages", async () => {
  for (const id of [refused, alone]) {
    const detail = await detailOf(id);
    expect(detail).toMatchObject({ signs: [], taps: [], forgottenAt: server.clock.now() });
    const client = await operate();
    const call = { params: { id }, body: { reason: REASON } };
    expect(await client.refused(caseEvidenceEndpoints.make, call)).toMatchObject({ code: "conflict" });
  }
  expect((await packagesOf(alone))[0]?.state).toBe("forgotten");
  expect((await packagesOf(kept))[0]?.state).toBe("ready");
  expect(
    await count(
      "opening_entry where opening_id <> (select hold_id from detection_case where forgotten_at is null)",
    ),
  ).toBe(0);
});

test("L2: at the end of the hold nothing of it is left", async () => {
  server.clock.advance(Duration.ms(holdUntil - server.clock.now()));
  await server.openings.seal.tick();
  await server.tidy();
  expect((await detailOf(kept)).forgottenAt).toBe(server.clock.now());
  expect((await packagesOf(kept))[0]?.state).toBe("forgotten");
  expect(await count("opening_entry")).toBe(0);
  await server.tidy();
  expect(await count("gate_batch where first_sequence <= 12")).toBe(0);
});
