import { Duration } from "@menshen/domain";
import {
  cardMigrationEndpoints,
  communityEndpoints,
  credentialEndpoints,
  gateEndpoints,
  personEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const DAY_MS = 86_400_000;
const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const guard = await server.member("guard");
const NONE = { A: 0, B: 0, C: 0, D: 0, E: 0 };

async function old(personId: string, identifier: string, days: number, dwellingId?: string) {
  const { credential } = await operate.call(credentialEndpoints.enrol, {
    body: {
      kind: "uid",
      identifier,
      personId,
      until: server.clock.now() + days * DAY_MS,
      ...(dwellingId === undefined ? {} : { dwellingId }),
    },
  });
  return credential;
}

const neighbour = await operate.call(personEndpoints.create, {
  body: { displayName: "王小明", residency: { role: "tenant", dwellingId: site.dwellingIds[1] } },
});
const first = await old(site.resident.personId, "0a0b0c01", 40, site.dwellingIds[0]);
const second = await old(neighbour.id, "0a0b0c02", 200, site.dwellingIds[1]);

test("a building's credentials are counted by grade, without a name", async () => {
  const report = await operate.call(cardMigrationEndpoints.report);
  expect(report).toMatchObject({
    at: server.clock.now(),
    legacyUntil: server.clock.now() + 365 * DAY_MS,
    grades: { ...NONE, B: 1, E: 2 },
    toVisit: 2,
    ending: { within7: 0, within30: 0, within60: 1 },
    buildings: [
      { buildingId: site.buildingId, buildingName: "1号楼", grades: { ...NONE, B: 1, E: 2 }, toVisit: 2 },
    ],
  });
  expect(report.progress).toHaveLength(13);
  expect(report.progress[0]).toEqual({ at: Date.UTC(2025, 11, 1), grades: NONE });
  expect(report.progress.at(-1)?.grades).toEqual({ ...NONE, B: 1, E: 2 });
  expect(JSON.stringify(report)).not.toContain("李奶奶");
});

test("who is to come by is listed by building and dwelling", async () => {
  const { items } = await operate.call(cardMigrationEndpoints.toVisit);
  expect(items).toEqual([
    {
      personId: site.resident.personId,
      personName: "李奶奶",
      buildingName: "1号楼",
      dwellingName: "101",
      hasBetter: true,
      credentials: [{ id: first.id, kind: "uid", label: "0C01", grade: "E", until: first.until }],
    },
    {
      personId: neighbour.id,
      personName: "王小明",
      buildingName: "1号楼",
      dwellingName: "102",
      hasBetter: false,
      credentials: [{ id: second.id, kind: "uid", label: "0C02", grade: "E", until: second.until }],
    },
  ]);
  const elsewhere = { query: { buildingId: "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11" } };
  expect((await operate.call(cardMigrationEndpoints.toVisit, elsewhere)).items).toEqual([]);
});

test("names are shown for a reason only, and the list to nobody without the right", async () => {
  expect(await operate.refused(cardMigrationEndpoints.toVisit, { viewReason: null })).toMatchObject({
    code: "view-reason-required",
  });
  expect(await guard.refused(cardMigrationEndpoints.toVisit)).toMatchObject({ code: "forbidden" });
  expect(await guard.refused(cardMigrationEndpoints.report)).toMatchObject({ code: "forbidden" });
});

test("a kind that turned out weak counts as what it is from that day on", async () => {
  const community = await operate.call(communityEndpoints.get);
  const gradeCaps = [{ kind: "desfire", grade: "D", from: server.clock.now() }] as const;
  await operate.call(communityEndpoints.update, {
    body: {
      name: community.name,
      offers: community.offers,
      revision: community.revision,
      gradeCaps: [...gradeCaps],
    },
  });
  const report = await operate.call(cardMigrationEndpoints.report);
  expect(report.grades).toEqual({ ...NONE, D: 1, E: 2 });
});

test("staff hear 60, 30 and 7 days before cards end, and a card that ended is nobody's to visit", async () => {
  const staffSee = async () =>
    (await (await server.founder()).call(gateEndpoints.health)).items.filter(
      ({ code }) => code === "old-cards-ending",
    );
  expect(await staffSee()).toMatchObject([{ severity: "notice", values: { cards: 1, days: 60 } }]);
  server.clock.advance(Duration.days(15));
  expect(await staffSee()).toMatchObject([{ severity: "notice", values: { cards: 1, days: 30 } }]);
  server.clock.advance(Duration.days(20));
  expect(await staffSee()).toMatchObject([{ severity: "warning", values: { cards: 1, days: 7 } }]);
  server.clock.advance(Duration.days(5));
  expect(await staffSee()).toEqual([]);
  const desk = await server.founder();
  expect((await desk.call(cardMigrationEndpoints.toVisit)).items.map(({ personId }) => personId)).toEqual([
    neighbour.id,
  ]);
});
