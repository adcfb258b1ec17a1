import { Instant } from "@menshen/domain";
import {
  type EventQuery,
  eventEndpoints,
  overviewEndpoints,
  ruleEndpoints,
  scheduleEndpoints,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const gate = await connectGate(server, site);
const { operate } = site;
const desk = await server.member("desk");
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";

const CARD = { kind: "desfire", identifier: CARD_UID } as const;
const HOUR_MS = 3_600_000;
const start = Instant(server.clock.now() - 24 * HOUR_MS);
const at = (hours: number) => Instant(start + hours * HOUR_MS);

// The day's journal, sequence 1 to 6.
await gate.access({
  at: at(0),
  accessPointId: site.points.northIn,
  granted: true,
  reasons: [{ code: "rule-allows", rule: 1 }],
  card: CARD,
});
await gate.access({
  at: at(1),
  accessPointId: site.points.houseIn,
  granted: false,
  reasons: [{ code: "credential-unknown" }],
  card: { kind: "uid", identifier: "deadbeef" },
  downgraded: true,
});
await gate.portal(at(2), site.portals.house, "forced");
await gate.reader(at(3), site.readerId, "tamper-on");
await gate.access({
  at: at(4),
  accessPointId: site.points.northIn,
  granted: false,
  reasons: [{ code: "outside-schedule", rule: 1, nextOpening: at(10) }],
  card: CARD,
});
await gate.access({
  at: at(5),
  accessPointId: site.points.northIn,
  granted: false,
  reasons: [{ code: "credential-not-authentic", detail: "card-removed" }],
});

async function sequences(query: EventQuery): Promise<number[]> {
  return (await operate.call(eventEndpoints.list, { query })).items.map((item) => item.sequence);
}

describe("the list", () => {
  test("is newest first, with places but without people", async () => {
    const { items } = await operate.call(eventEndpoints.list);
    expect(items.map((item) => item.sequence)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(items[5]).toEqual({
      gateId: site.gateId,
      sequence: 1,
      earliestAt: at(0),
      latestAt: at(0),
      receivedAt: server.clock.now(),
      kind: "access",
      gateName: "北门控制器",
      portalId: site.portals.north,
      portalName: "北门",
      accessPointId: site.points.northIn,
      accessPointName: "北门进",
      granted: true,
      reasons: [{ code: "rule-allows", rule: 1 }],
      credentialKind: "desfire",
      grade: "B",
    });
    expect(items[4]).toMatchObject({ credentialKind: "uid", downgraded: true });
    expect(items[1]).not.toHaveProperty("downgraded");
    expect(items[2]).toMatchObject({
      kind: "reader",
      event: "tamper-on",
      readerName: "北门外读卡器",
      portalName: "北门",
    });
    expect(items[3]).toMatchObject({
      kind: "portal",
      event: "forced",
      portalName: "1号楼大门",
    });
  });

  test("neither names nor pseudonyms are in it", async () => {
    const text = JSON.stringify((await operate.call(eventEndpoints.list)).items);
    expect(text).not.toContain("李奶奶");
    expect(text).not.toContain(site.resident.personId);
    expect(text).not.toContain(site.resident.credentialId);
    expect(text).not.toMatch(/pseudonym/);
    const { rows } = await server.pool.query<{ hex: string }>(
      "select encode(pseudonym, 'hex') as hex from event where pseudonym is not null",
    );
    expect(rows).toHaveLength(3);
    for (const { hex } of rows) expect(text).not.toContain(hex);
  });

  test.each<[string, EventQuery, number[]]>([
    ["door", { portalId: site.portals.north }, [6, 5, 4, 1]],
    ["access point", { accessPointId: site.points.houseIn }, [2]],
    ["kind", { kind: "portal" }, [3]],
    ["granted", { outcome: "granted" }, [1]],
    ["refused", { outcome: "refused" }, [6, 5, 2]],
    ["reason", { reason: "outside-schedule" }, [5]],
    ["reason that is none", { reason: "bad-mood" }, []],
    ["event of a door", { event: "forced" }, [3]],
    ["event of a reader", { event: "tamper-on" }, [4]],
    ["event that is none", { event: "explosion" }, []],
    ["gate", { gateId: site.gateId, limit: 2 }, [6, 5]],
    ["other gate", { gateId: ABSENT }, []],
    ["time", { from: at(1), until: at(3) }, [3, 2]],
  ])("is filtered by %s", async (_, query, expected) => {
    expect(await sequences(query)).toEqual(expected);
  });

  test("comes page by page without gap or repetition", async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await operate.call(eventEndpoints.list, {
        query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      });
      seen.push(...page.items.map((item) => item.sequence));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await operate.refused(eventEndpoints.list, { query: { cursor: "WzFd" } })).toMatchObject({
      status: 400,
    });
    expect(await operate.refused(eventEndpoints.list, { query: { limit: 501 } })).toMatchObject({
      status: 400,
    });
  });
});

describe("why", () => {
  const why = (sequence: number) =>
    operate.call(eventEndpoints.why, { params: { gateId: site.gateId, sequence } });

  test("outside the schedule: the rule that the gate named and when it opens, not those that only the holder leads to (complaint 18)", async () => {
    const local = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short" }).format(
      at(4),
    );
    const schedule = await operate.call(scheduleEndpoints.create, {
      body: {
        name: "仅此一天",
        weekly: [],
        holidays: [],
        exceptions: [{ date: local, windows: [{ startMinute: 60, endMinute: 90 }] }],
      },
    });
    await operate.call(ruleEndpoints.create, {
      body: {
        name: "临时",
        who: { personIds: [site.resident.personId] },
        where: { accessPointIds: [site.points.northIn] },
        scheduleId: schedule.id,
        minimumGrade: "B",
        means: ["desfire"],
        validity: {},
      },
    });
    const explanation = await why(5);
    expect(explanation).toMatchObject({
      event: { sequence: 5, granted: false },
      reasons: [{ code: "outside-schedule", rule: 1, nextOpening: at(10) }],
      localDate: local,
      rules: [{ ruleId: site.ruleId, name: "住户", minimumGrade: "D" }],
      remedies: [{ code: "wait-until", at: at(10), ruleId: site.ruleId }],
    });
    expect(JSON.stringify(explanation)).not.toContain("李奶奶");
    // A rule for one person alone would name them.
    expect(JSON.stringify(explanation)).not.toContain("临时");
    expect(explanation).not.toHaveProperty("now");
  });

  test("an unknown card: no rule is guessed, enrolling it would help", async () => {
    expect(await why(2)).toMatchObject({ rules: [], remedies: [{ code: "enrol-credential" }] });
  });

  test("a card that left too early: present it again", async () => {
    expect(await why(6)).toMatchObject({ remedies: [{ code: "present-again" }] });
  });

  test("a grant needs no remedy", async () => {
    expect(await why(1)).toMatchObject({
      remedies: [{ code: "none-needed" }],
      rules: [{ ruleId: site.ruleId }],
    });
  });

  test("nothing was decided at a forced door, and nothing at all where nothing was", async () => {
    expect(
      await operate.refused(eventEndpoints.why, { params: { gateId: site.gateId, sequence: 3 } }),
    ).toMatchObject({ status: 409 });
    expect(
      await operate.refused(eventEndpoints.why, { params: { gateId: site.gateId, sequence: 99 } }),
    ).toMatchObject({ status: 404 });
  });
});

test("one event can be read by gate and sequence", async () => {
  const one = { params: { gateId: site.gateId, sequence: 3 } };
  expect(await operate.call(eventEndpoints.get, one)).toMatchObject({ event: "forced" });
  expect(
    await operate.refused(eventEndpoints.get, { params: { gateId: site.gateId, sequence: 0 } }),
  ).toMatchObject({ status: 400 });
  expect(
    await operate.refused(eventEndpoints.get, { params: { gateId: ABSENT, sequence: 1 } }),
  ).toMatchObject({
    status: 404,
  });
});

test("the overview holds doors, gates, findings, the latest events and where the live stream goes on", async () => {
  await gate.gate.sayStatus();
  const overview = await operate.call(overviewEndpoints.get);
  expect(overview).toMatchObject({
    community: { name: "海棠苑" },
    gates: [{ id: site.gateId, link: "online", enrolment: "enrolled" }],
    liveCursor: "6.0",
  });
  expect(overview.events.map((item) => item.sequence)).toEqual([6, 5, 4, 3, 2, 1]);
  expect(overview.doors).toMatchObject([
    { name: "1号楼大门", lock: "unknown", contact: "unknown", mode: "normal", fresh: false, since: at(2) },
    { name: "北门", position: { x: 100, y: 200 } },
  ]);
});

test("whoever may not read events is refused", async () => {
  const one = { params: { gateId: site.gateId, sequence: 1 } };
  const forbidden = { status: 403, code: "forbidden" };
  expect(await desk.refused(eventEndpoints.list)).toMatchObject(forbidden);
  expect(await desk.refused(eventEndpoints.get, one)).toMatchObject(forbidden);
  expect(await desk.refused(eventEndpoints.why, one)).toMatchObject(forbidden);
  expect(await desk.refused(overviewEndpoints.get)).toMatchObject(forbidden);
});
