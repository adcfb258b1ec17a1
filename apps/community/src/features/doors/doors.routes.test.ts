import { Duration } from "@menshen/domain";
import {
  accessPointEndpoints,
  areaEndpoints,
  buildingEndpoints,
  changeEndpoints,
  modeEndpoints,
  portalEndpoints,
  readerEndpoints,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate, secure } = site;
const guard = await server.member("guard");
const desk = await server.member("desk");
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const WRONG_DUTY = { status: 403, code: "wrong-duty", duty: "secure" };

describe("areas", () => {
  test("are made, changed, removed and restored", async () => {
    const area = await secure.call(areaEndpoints.create, { body: { name: "机房", staffOnly: true } });
    expect(
      await secure.refused(areaEndpoints.create, { body: { name: "机房", staffOnly: true } }),
    ).toMatchObject({
      code: "conflict",
    });
    const one = { params: { id: area.id } };
    const changed = await secure.call(areaEndpoints.update, {
      ...one,
      body: { name: "配电房", staffOnly: true, revision: 1 },
    });
    expect(changed).toMatchObject({ name: "配电房", revision: 2 });
    await secure.call(areaEndpoints.remove, one);
    const removed = await secure.call(areaEndpoints.list, { query: { removed: true } });
    expect(removed.items.map((item) => item.name)).toEqual(["配电房"]);
    expect(await secure.call(areaEndpoints.restore, one)).toEqual(await secure.call(areaEndpoints.get, one));
    expect(await secure.refused(areaEndpoints.remove, { params: { id: site.groundsAreaId } })).toMatchObject({
      code: "in-use",
    });
  });

  test("refuse another duty", async () => {
    const one = { params: { id: site.lobbyAreaId } };
    const body = { name: "x", staffOnly: false };
    expect(await operate.refused(areaEndpoints.create, { body })).toMatchObject(WRONG_DUTY);
    expect(
      await operate.refused(areaEndpoints.update, { ...one, body: { ...body, revision: 1 } }),
    ).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(areaEndpoints.remove, one)).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(areaEndpoints.restore, one)).toMatchObject(WRONG_DUTY);
    expect(await server.visitor().refused(areaEndpoints.list)).toMatchObject({ status: 401 });
    expect(await server.visitor().refused(areaEndpoints.get, one)).toMatchObject({ status: 401 });
  });
});

describe("doors and access points", () => {
  test("a door comes with its gate, its building, its place on the plan", async () => {
    expect(await guard.call(portalEndpoints.get, { params: { id: site.portals.house } })).toMatchObject({
      name: "1号楼大门",
      gateId: site.gateId,
      buildingId: site.buildingId,
      position: { x: 100, y: 200 },
      unlockMs: 5_000,
    });
    const { items } = await guard.call(portalEndpoints.list, { query: { gateId: site.gateId } });
    expect(items.map((item) => item.name)).toEqual(["1号楼大门", "北门"]);
  });

  test("a door needs a gate, a building and a schedule that are there", async () => {
    const body = { gateId: site.gateId, name: "东门", unlockMs: 5_000, heldOpenLimitMs: 30_000 };
    for (const wrong of [{ gateId: ABSENT }, { buildingId: ABSENT }, { unlockScheduleId: ABSENT }]) {
      expect(await secure.refused(portalEndpoints.create, { body: { ...body, ...wrong } })).toMatchObject({
        status: 404,
      });
    }
    for (const wrong of [{ unlockMs: 100 }, { position: { x: 1001, y: 0 } }, { colour: "red" }]) {
      expect(await secure.refused(portalEndpoints.create, { body: { ...body, ...wrong } })).toMatchObject({
        status: 400,
      });
    }
    const portal = await secure.call(portalEndpoints.create, { body });
    const one = { params: { id: portal.id } };
    await secure.call(portalEndpoints.update, { ...one, body: { ...body, name: "东南门", revision: 1 } });
    await secure.call(portalEndpoints.remove, one);
    expect(await secure.call(portalEndpoints.restore, one)).toMatchObject({ name: "东南门", revision: 4 });
    expect(
      await secure.refused(portalEndpoints.remove, { params: { id: site.portals.north } }),
    ).toMatchObject({
      code: "in-use",
    });
  });

  test("a grade that would leave residents one way in is refused, with who and where (complaint 5)", async () => {
    const id = site.points.houseIn;
    const {
      portalName: _,
      pinUse: __,
      id: ___,
      ...point
    } = await operate.call(accessPointEndpoints.get, { params: { id } });
    const problem = await secure.refused(accessPointEndpoints.update, {
      params: { id },
      // At grade B the card still opens, PIN and phone pass do not.
      body: { ...point, minimumGrade: "B" },
    });
    expect(problem).toMatchObject({
      status: 409,
      code: "way-in-lost",
      violations: [
        {
          problem: "one-way",
          direction: "in",
          ways: ["card"],
          accessPoints: [{ id, name: "1号楼进", portalName: "1号楼大门" }],
          personCount: 1,
          // The duty `secure` does not read names.
          persons: [{ id: site.resident.personId, dwellingNames: [] }],
        },
      ],
    });
    expect(problem.violations?.[0]?.persons[0]).not.toHaveProperty("name");
    expect(await operate.call(accessPointEndpoints.get, { params: { id } })).toMatchObject({
      minimumGrade: "D",
    });
  });

  test("an access point that residents need is not removed", async () => {
    // Without its reader the way out is the exit button's; without the one in, the house has no entrance.
    const out = { params: { id: site.points.houseOut } };
    await secure.call(accessPointEndpoints.remove, out);
    expect(
      await secure.refused(accessPointEndpoints.remove, { params: { id: site.points.houseIn } }),
    ).toMatchObject({ code: "way-in-lost", violations: [{ problem: "no-way" }, { problem: "no-way" }] });
    await secure.call(accessPointEndpoints.restore, out);
    expect(
      await secure.refused(accessPointEndpoints.remove, { params: { id: site.points.northIn } }),
    ).toMatchObject({ code: "in-use" });
    const body = {
      portalId: site.portals.house,
      name: "侧门进",
      fromAreaId: site.groundsAreaId,
      toAreaId: site.lobbyAreaId,
      minimumGrade: "C",
    } as const;
    const extra = await secure.call(accessPointEndpoints.create, { body });
    const { removedAt } = await secure.call(accessPointEndpoints.remove, { params: { id: extra.id } });
    expect(removedAt).toBe(server.clock.now());
    expect(await secure.call(accessPointEndpoints.restore, { params: { id: extra.id } })).not.toHaveProperty(
      "removedAt",
    );
    const { items } = await secure.call(accessPointEndpoints.list, {
      query: { portalId: site.portals.house },
    });
    expect(items.map((item) => item.name)).toEqual(["1号楼出", "1号楼进", "侧门进"]);
    for (const wrong of [{ portalId: ABSENT }, { fromAreaId: ABSENT }]) {
      expect(
        await secure.refused(accessPointEndpoints.create, { body: { ...body, ...wrong } }),
      ).toMatchObject({
        status: 404,
      });
    }
    expect(
      await secure.refused(accessPointEndpoints.create, { body: { ...body, toAreaId: site.groundsAreaId } }),
    ).toMatchObject({ status: 400, fields: [{ path: "body/toAreaId" }] });
  });

  test("an access point that nobody has a rule for is not put in residents' way", async () => {
    const vault = await secure.call(areaEndpoints.create, { body: { name: "内院", staffOnly: false } });
    const portal = await secure.call(portalEndpoints.create, {
      body: { gateId: site.gateId, name: "内院门", unlockMs: 5_000, heldOpenLimitMs: 30_000 },
    });
    const body = {
      portalId: portal.id,
      name: "内院进",
      fromAreaId: site.groundsAreaId,
      toAreaId: vault.id,
      minimumGrade: "D",
    } as const;
    // No resident's home lies behind it.
    await secure.call(accessPointEndpoints.create, { body });
    const building = await operate.call(buildingEndpoints.get, { params: { id: site.buildingId } });
    const { name, revision } = building;
    expect(
      await operate.refused(buildingEndpoints.update, {
        params: { id: site.buildingId },
        body: { name, areaId: vault.id, revision },
      }),
    ).toMatchObject({ code: "way-in-lost", violations: [{ problem: "no-way", direction: "in" }] });
  });

  test("say what a PIN is worth: never enough from the street, and with a card only where that is asked", async () => {
    const { items } = await operate.call(accessPointEndpoints.list, { query: {} });
    const uses = (id: string | undefined) => items.find((point) => point.id === id)?.pinUse;
    expect([uses(site.points.northIn), uses(site.points.northOut), uses(site.points.houseIn)]).toEqual([
      "second",
      "alone",
      "alone",
    ]);
    const { id, portalId, name, fromAreaId, toAreaId, minimumGrade, revision } = await secure.call(
      accessPointEndpoints.get,
      { params: { id: site.points.northOut } },
    );
    const body = { portalId, name, fromAreaId, toAreaId, minimumGrade };
    const asked = await secure.call(accessPointEndpoints.update, {
      params: { id },
      body: { ...body, revision, cardAndPin: true },
    });
    expect(asked).toMatchObject({ cardAndPin: true, pinUse: "both" });
    const undone = await secure.call(accessPointEndpoints.update, {
      params: { id },
      body: { ...body, revision: asked.revision },
    });
    expect(undone.pinUse).toBe("alone");
    expect(undone).not.toHaveProperty("cardAndPin");
  });

  test("refuse another duty", async () => {
    const portal = { gateId: site.gateId, name: "x", unlockMs: 5_000, heldOpenLimitMs: 30_000 };
    const one = { params: { id: site.portals.north } };
    expect(await operate.refused(portalEndpoints.create, { body: portal })).toMatchObject(WRONG_DUTY);
    expect(
      await operate.refused(portalEndpoints.update, { ...one, body: { ...portal, revision: 1 } }),
    ).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(portalEndpoints.remove, one)).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(portalEndpoints.restore, one)).toMatchObject(WRONG_DUTY);
    const point = {
      portalId: site.portals.north,
      name: "x",
      fromAreaId: site.outsideAreaId,
      toAreaId: site.groundsAreaId,
      minimumGrade: "D",
    } as const;
    const two = { params: { id: site.points.northIn } };
    expect(await operate.refused(accessPointEndpoints.create, { body: point })).toMatchObject(WRONG_DUTY);
    expect(
      await operate.refused(accessPointEndpoints.update, { ...two, body: { ...point, revision: 1 } }),
    ).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(accessPointEndpoints.remove, two)).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(accessPointEndpoints.restore, two)).toMatchObject(WRONG_DUTY);
    expect(await server.visitor().refused(portalEndpoints.list)).toMatchObject({ status: 401 });
    expect(await server.visitor().refused(portalEndpoints.get, one)).toMatchObject({ status: 401 });
    expect(await server.visitor().refused(accessPointEndpoints.list)).toMatchObject({ status: 401 });
    expect(await server.visitor().refused(accessPointEndpoints.get, two)).toMatchObject({ status: 401 });
  });
});

describe("readers", () => {
  test("stand at an access point, unless they are units or on a desk", async () => {
    const create = (body: object) =>
      secure.ask(readerEndpoints.create, {
        body: { gateId: site.gateId, name: "读卡器", kind: "osdp", ...body },
      });
    expect(await create({ accessPointId: site.points.houseIn })).toMatchObject({
      status: 201,
      body: { link: "unknown" },
    });
    expect(await create({})).toMatchObject({ status: 400 });
    expect(await create({ kind: "io" })).toMatchObject({ status: 201 });
    expect(await create({ kind: "kiosk", accessPointId: site.points.houseIn })).toMatchObject({
      status: 201,
    });
    expect(await create({ kind: "kiosk" })).toMatchObject({ status: 400 });
    expect(await create({ kind: "desk", accessPointId: site.points.houseIn })).toMatchObject({ status: 400 });
    expect(await create({ accessPointId: ABSENT })).toMatchObject({ status: 404 });
    expect(await create({ gateId: ABSENT, accessPointId: site.points.houseIn })).toMatchObject({
      status: 404,
    });
  });

  test("are changed, removed and restored", async () => {
    const one = { params: { id: site.readerId } };
    const body = {
      gateId: site.gateId,
      name: "新名",
      kind: "pcsc",
      accessPointId: site.points.northIn,
    } as const;
    expect(
      await secure.call(readerEndpoints.update, { ...one, body: { ...body, revision: 1 } }),
    ).toMatchObject({
      kind: "pcsc",
      revision: 2,
    });
    await secure.call(readerEndpoints.remove, one);
    expect(await secure.call(readerEndpoints.restore, one)).toMatchObject({ name: "新名" });
    const { items } = await desk.call(readerEndpoints.list, { query: { gateId: site.gateId } });
    expect(items.map((item) => item.id)).toContain(site.readerId);
  });

  test("refuse another duty", async () => {
    const one = { params: { id: site.readerId } };
    const body = { gateId: site.gateId, name: "x", kind: "io" } as const;
    expect(await operate.refused(readerEndpoints.create, { body })).toMatchObject(WRONG_DUTY);
    expect(
      await operate.refused(readerEndpoints.update, { ...one, body: { ...body, revision: 1 } }),
    ).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(readerEndpoints.remove, one)).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(readerEndpoints.restore, one)).toMatchObject(WRONG_DUTY);
    expect(await server.visitor().refused(readerEndpoints.list)).toMatchObject({ status: 401 });
    expect(await server.visitor().refused(readerEndpoints.get, one)).toMatchObject({ status: 401 });
  });
});

describe("modes", () => {
  const EMERGENCY = { code: "emergency", text: "演练" } as const;

  test("have a generation that rises and an end", async () => {
    const until = server.clock.now() + Duration.hours(1);
    const set = await guard.call(modeEndpoints.set, {
      params: { portalId: site.portals.north },
      body: { mode: "held-open", until },
      reason: { code: "maintenance" },
    });
    expect(set).toMatchObject({ mode: "held-open", lockdown: 0, until, adopted: false });
    const again = await guard.call(modeEndpoints.set, {
      params: { portalId: site.portals.north },
      body: { mode: "locked", until },
      reason: { code: "maintenance" },
    });
    expect(again.generation).toBeGreaterThan(set.generation);
    server.clock.advance(Duration.minutes(61));
    const { items } = await (await server.member("guard")).call(modeEndpoints.list);
    expect(items.find((item) => item.portalId === site.portals.north)).toMatchObject({ mode: "normal" });
  });

  test("a lockdown takes all doors, or those into one area, and is never held up", async () => {
    const sentry = await server.member("guard");
    const one = await sentry.call(modeEndpoints.lockdown, {
      body: { level: 2, areaId: site.lobbyAreaId },
      reason: EMERGENCY,
    });
    expect(one.items.map((item) => [item.portalId, item.lockdown])).toEqual([[site.portals.house, 2]]);
    const all = await sentry.call(modeEndpoints.lockdown, { body: { level: 3 }, reason: EMERGENCY });
    expect(all.items.every((item) => item.lockdown === 3)).toBe(true);
    expect(all.items.length).toBeGreaterThanOrEqual(2);
    // One may close, two open again: the same person saying it twice is one.
    const end = { body: { level: 0 }, reason: EMERGENCY } as const;
    for (const _ of [1, 2]) {
      expect(await sentry.refused(modeEndpoints.lockdown, end)).toMatchObject({
        code: "second-person-needed",
      });
    }
    // Whoever signs in often waits.
    server.clock.advance(Duration.minutes(1));
    const second = await server.member("guard");
    const lower = {
      params: { portalId: site.portals.north },
      body: { mode: "normal", lockdown: 1 },
      reason: EMERGENCY,
    } as const;
    expect(await second.refused(modeEndpoints.set, lower)).toMatchObject({ code: "second-person-needed" });
    await second.call(modeEndpoints.lockdown, end);
    const auditor = await server.founder("audit");
    const { items } = await auditor.call(changeEndpoints.list, { query: { action: "mode.set", limit: 1 } });
    expect(items[0]).toMatchObject({ entity: "portal", reason: EMERGENCY, after: { lockdown: 0 } });
  });

  test("need a reason, a future end, a door that is there, and the permission", async () => {
    const sentry = await server.member("guard");
    const params = { portalId: site.portals.north };
    const reason = EMERGENCY;
    expect(await sentry.refused(modeEndpoints.set, { params, body: { mode: "locked" } })).toMatchObject({
      code: "reason-required",
    });
    const past = { mode: "locked", until: server.clock.now() } as const;
    expect(await sentry.refused(modeEndpoints.set, { params, body: past, reason })).toMatchObject({
      status: 400,
      fields: [{ path: "body/until" }],
    });
    expect(
      await sentry.refused(modeEndpoints.set, {
        params: { portalId: ABSENT },
        body: { mode: "locked" },
        reason,
      }),
    ).toMatchObject({ status: 404 });
    expect(
      await sentry.refused(modeEndpoints.lockdown, { body: { level: 1, areaId: ABSENT }, reason }),
    ).toMatchObject({ status: 404 });
    const clerk = await server.member("desk");
    expect(
      await clerk.refused(modeEndpoints.set, { params, body: { mode: "locked" }, reason }),
    ).toMatchObject({
      code: "forbidden",
    });
    expect(await clerk.refused(modeEndpoints.lockdown, { body: { level: 1 }, reason })).toMatchObject({
      code: "forbidden",
    });
    expect(await server.visitor().refused(modeEndpoints.list)).toMatchObject({ status: 401 });
  });
});
