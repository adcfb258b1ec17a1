import { areaEndpoints, buildingEndpoints, changeEndpoints, dwellingEndpoints } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const guard = await server.member("guard");
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";

describe("buildings", () => {
  test("are named once, changed with the newest revision, removed and restored", async () => {
    const { operate } = site;
    const made = await operate.call(buildingEndpoints.create, { body: { name: " 2号楼 " } });
    expect(made).toMatchObject({ name: "2号楼", revision: 1, areaId: site.groundsAreaId, dwellingCount: 0 });
    expect(await operate.refused(buildingEndpoints.create, { body: { name: "2号楼" } })).toMatchObject({
      status: 409,
      code: "conflict",
    });
    const changed = await operate.call(buildingEndpoints.update, {
      params: { id: made.id },
      body: { name: "贰号楼", revision: 1 },
    });
    expect(changed).toMatchObject({ name: "贰号楼", revision: 2, areaId: site.groundsAreaId });
    expect(
      await operate.refused(buildingEndpoints.update, {
        params: { id: made.id },
        body: { name: "二号楼", revision: 1 },
      }),
    ).toMatchObject({ code: "stale-revision" });
    const removed = await operate.call(buildingEndpoints.remove, { params: { id: made.id } });
    expect(removed.removedAt).toBe(server.clock.now());
    expect(
      await operate.refused(buildingEndpoints.update, {
        params: { id: made.id },
        body: { name: "x", revision: 3 },
      }),
    ).toMatchObject({ code: "conflict" });
    const listed = await operate.call(buildingEndpoints.list, { query: { removed: true } });
    expect(listed.items.map((building) => building.id)).toEqual([made.id]);
    expect(await operate.call(buildingEndpoints.restore, { params: { id: made.id } })).not.toHaveProperty(
      "removedAt",
    );
  });

  test("stay while dwellings or doors are in them", async () => {
    expect(
      await site.operate.refused(buildingEndpoints.remove, { params: { id: site.buildingId } }),
    ).toMatchObject({
      status: 409,
      code: "in-use",
    });
  });

  test("need an area that is there", async () => {
    expect(
      await site.operate.refused(buildingEndpoints.create, { body: { name: "9号楼", areaId: ABSENT } }),
    ).toMatchObject({ code: "not-found" });
  });

  test("a move of its entrance that shuts residents out is refused, naming them", async () => {
    const { operate } = site;
    // Nobody has a rule for the plant room's side: residents would have no way to their building.
    const plant = await site.secure.call(areaEndpoints.create, { body: { name: "机房", staffOnly: false } });
    const building = await operate.call(buildingEndpoints.get, { params: { id: site.buildingId } });
    const problem = await operate.refused(buildingEndpoints.update, {
      viewReason: { code: "complaint" },
      params: { id: site.buildingId },
      body: { name: building.name, areaId: plant.id, revision: building.revision },
    });
    expect(problem).toMatchObject({ status: 409, code: "way-in-lost" });
    expect(problem.violations?.[0]).toMatchObject({
      problem: "no-way",
      buildingName: "1号楼",
      persons: [{ id: site.resident.personId, name: "李奶奶", dwellingNames: ["1号楼 101"] }],
    });
    expect(await operate.call(buildingEndpoints.get, { params: { id: site.buildingId } })).toEqual(building);
  });

  test("refuse whoever may not", async () => {
    const body = { name: "x" };
    const one = { params: { id: site.buildingId } };
    expect(await guard.refused(buildingEndpoints.create, { body })).toMatchObject({
      status: 403,
      code: "forbidden",
    });
    expect(
      await guard.refused(buildingEndpoints.update, { ...one, body: { ...body, revision: 1 } }),
    ).toMatchObject({
      code: "forbidden",
    });
    expect(await guard.refused(buildingEndpoints.remove, one)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(buildingEndpoints.restore, one)).toMatchObject({ code: "forbidden" });
    expect(await site.secure.refused(buildingEndpoints.create, { body })).toMatchObject({
      code: "wrong-duty",
      duty: "operate",
    });
    expect(await server.visitor().refused(buildingEndpoints.list)).toMatchObject({ status: 401 });
    expect(await server.visitor().refused(buildingEndpoints.get, one)).toMatchObject({ status: 401 });
  });
});

describe("dwellings", () => {
  test("come page by page, sorted as people sort", async () => {
    const { operate } = site;
    const block = await operate.call(buildingEndpoints.create, { body: { name: "10号楼" } });
    for (const name of ["1001", "901", "202", "1002", "201"]) {
      await operate.call(dwellingEndpoints.create, { body: { buildingId: block.id, name } });
    }
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await operate.call(dwellingEndpoints.list, {
        query: { buildingId: block.id, limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      });
      names.push(...page.items.map((dwelling) => dwelling.name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(names).toEqual(["201", "202", "901", "1001", "1002"]);
    expect(await operate.refused(dwellingEndpoints.list, { query: { cursor: "rubbish" } })).toMatchObject({
      status: 400,
      code: "invalid-request",
    });
    const found = await operate.call(dwellingEndpoints.list, { query: { text: "100" } });
    expect(found.items.map((dwelling) => dwelling.name)).toEqual(["1001", "1002"]);
    // A wildcard is a character like any other.
    expect((await operate.call(dwellingEndpoints.list, { query: { text: "%" } })).items).toEqual([]);
  });

  test("count who lives there now, and stay while somebody does", async () => {
    const { operate, dwellingIds } = site;
    expect(await operate.call(dwellingEndpoints.get, { params: { id: dwellingIds[0] } })).toMatchObject({
      residentCount: 1,
    });
    expect(await operate.refused(dwellingEndpoints.remove, { params: { id: dwellingIds[0] } })).toMatchObject(
      {
        code: "in-use",
      },
    );
    const removed = await operate.call(dwellingEndpoints.remove, { params: { id: dwellingIds[1] } });
    expect(removed.removedAt).toBe(server.clock.now());
    await operate.call(dwellingEndpoints.restore, { params: { id: dwellingIds[1] } });
    const moved = await operate.call(dwellingEndpoints.get, { params: { id: dwellingIds[1] } });
    const updated = await operate.call(dwellingEndpoints.update, {
      params: { id: dwellingIds[1] },
      body: { buildingId: site.buildingId, name: "103", revision: moved.revision },
    });
    expect(updated.name).toBe("103");
  });

  test("refuse whoever may not, and what is not there", async () => {
    const body = { buildingId: site.buildingId, name: "x" };
    const one = { params: { id: site.dwellingIds[0] } };
    expect(await guard.refused(dwellingEndpoints.list)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(dwellingEndpoints.get, one)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(dwellingEndpoints.create, { body })).toMatchObject({ code: "forbidden" });
    expect(
      await guard.refused(dwellingEndpoints.update, { ...one, body: { ...body, revision: 1 } }),
    ).toMatchObject({
      code: "forbidden",
    });
    expect(await guard.refused(dwellingEndpoints.remove, one)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(dwellingEndpoints.restore, one)).toMatchObject({ code: "forbidden" });
    expect(
      await site.operate.refused(dwellingEndpoints.create, { body: { buildingId: ABSENT, name: "x" } }),
    ).toMatchObject({ code: "not-found" });
    expect(await site.operate.refused(dwellingEndpoints.get, { params: { id: ABSENT } })).toMatchObject({
      status: 404,
    });
  });
});

test("who changed what and why is on record", async () => {
  const { operate } = site;
  const block = await operate.call(buildingEndpoints.create, {
    body: { name: "临时楼" },
    reason: { code: "other", text: "施工期间" },
  });
  const auditor = await server.founder("audit");
  const { items } = await auditor.call(changeEndpoints.list, {
    query: { entity: "building", entityId: block.id },
  });
  expect(items).toEqual([
    expect.objectContaining({
      action: "building.created",
      duty: "operate",
      staffName: "管理员 Administrator",
      reason: { code: "other", text: "施工期间" },
      after: { name: "临时楼", areaId: site.groundsAreaId },
    }),
  ]);
});
