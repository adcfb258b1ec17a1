import { Duration } from "@menshen/domain";
import { changeEndpoints, credentialEndpoints, personEndpoints, residencyEndpoints } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const guard = await server.member("guard");
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
let cards = 0;

async function person(
  displayName: string,
  role: "owner" | "tenant" = "tenant",
  dwellingId = site.dwellingIds[1],
) {
  return operate.call(personEndpoints.create, { body: { displayName, residency: { role, dwellingId } } });
}

async function card(personId: string, dwellingId?: string) {
  cards += 1;
  const { credential } = await operate.call(credentialEndpoints.enrol, {
    body: {
      kind: "uid",
      identifier: `04${cards.toString(16).padStart(12, "0")}`,
      personId,
      until: server.clock.now() + 30 * 86_400_000,
      ...(dwellingId === undefined ? {} : { dwellingId }),
    },
  });
  return credential.id;
}

describe("people", () => {
  test("are a name and where they live, and nothing more (privacy row E1)", async () => {
    const made = await person("王小明");
    expect(made).toMatchObject({
      displayName: "王小明",
      residencies: [{ role: "tenant", dwellingName: "102", buildingName: "1号楼", state: "current" }],
      credentialCount: 0,
    });
    for (const extra of [{ idNumber: "x" }, { phone: "x" }, { employer: "x" }, { face: "x" }]) {
      const body = { displayName: "x", ...extra };
      expect(await operate.refused(personEndpoints.create, { body })).toMatchObject({
        status: 400,
        code: "invalid-request",
      });
    }
    for (const displayName of ["110101199003078515", "李11010119900307851X", "电话13800138000"]) {
      expect(await operate.refused(personEndpoints.create, { body: { displayName } })).toMatchObject({
        status: 400,
        fields: [{ path: "body/displayName" }],
      });
    }
    // Eleven digits inside a longer number are no telephone.
    expect(
      await operate.call(personEndpoints.create, { body: { displayName: "9138001380001号" } }),
    ).toMatchObject({
      revision: 1,
    });
  });

  test("have names that the record of changes does not keep", async () => {
    const made = await person("不留名");
    await operate.call(personEndpoints.update, {
      params: { id: made.id },
      body: { displayName: "改了名", revision: 1 },
    });
    const auditor = await server.founder("audit");
    const { items } = await auditor.call(changeEndpoints.list, { query: { entityId: made.id } });
    expect(items.map((item) => [item.action, item.before, item.after])).toEqual([
      ["person.changed", { displayName: "(changed)" }, { displayName: "(changed)" }],
      ["person.created", undefined, { displayName: "(changed)" }],
    ]);
    expect(JSON.stringify(items)).not.toMatch(/不留名|改了名/);
  });

  test("are found by part of a name, a home, a role", async () => {
    const made = await person("欧阳修", "owner");
    const ids = async (query: Parameters<typeof list>[0]) => (await list(query)).items.map((item) => item.id);
    const list = (query: { text?: string; dwellingId?: string; buildingId?: string; role?: "owner" }) =>
      operate.call(personEndpoints.list, { query });
    expect(await ids({ text: "阳" })).toEqual([made.id]);
    expect(await ids({ dwellingId: site.dwellingIds[0] })).toEqual([site.resident.personId]);
    expect(await ids({ role: "owner", dwellingId: site.dwellingIds[1] })).toEqual([made.id]);
    expect(await ids({ buildingId: site.buildingId })).toContain(made.id);
  });

  test("removed, their cards are refused; restored, they are as before", async () => {
    const made = await person("暂离");
    const id = await card(made.id);
    await operate.call(personEndpoints.remove, {
      params: { id: made.id },
      reason: { code: "resident-request" },
    });
    const removed = await operate.call(personEndpoints.list, { query: { removed: true } });
    expect(removed.items.map((item) => item.id)).toEqual([made.id]);
    expect(
      await operate.refused(credentialEndpoints.enrol, {
        body: { kind: "uid", identifier: "deadbeef", personId: made.id },
      }),
    ).toMatchObject({ code: "not-found" });
    await operate.call(personEndpoints.restore, { params: { id: made.id } });
    expect(await operate.call(credentialEndpoints.get, { params: { id } })).toMatchObject({
      state: "active",
    });
  });

  test("refuse whoever may not", async () => {
    const one = { params: { id: site.resident.personId } };
    const body = { displayName: "x" };
    expect(await guard.refused(personEndpoints.list)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(personEndpoints.get, one)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(personEndpoints.create, { body })).toMatchObject({ code: "forbidden" });
    expect(
      await guard.refused(personEndpoints.update, { ...one, body: { ...body, revision: 1 } }),
    ).toMatchObject({
      code: "forbidden",
    });
    expect(await guard.refused(personEndpoints.remove, one)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(personEndpoints.restore, one)).toMatchObject({ code: "forbidden" });
    expect(await operate.refused(personEndpoints.get, { params: { id: ABSENT } })).toMatchObject({
      status: 404,
    });
  });
});

describe("residencies", () => {
  test("have a dwelling unless they are staff's, and end after they begin", async () => {
    const { id: personId } = await operate.call(personEndpoints.create, { body: { displayName: "保洁" } });
    const create = (body: object) =>
      operate.ask(residencyEndpoints.create, { body: { personId, role: "staff", ...body } });
    expect(await create({})).toMatchObject({ status: 201, body: { role: "staff", state: "current" } });
    expect(await create({ dwellingId: site.dwellingIds[0] })).toMatchObject({ status: 400 });
    expect(await create({ role: "tenant" })).toMatchObject({ status: 400 });
    expect(await create({ role: "tenant", dwellingId: ABSENT })).toMatchObject({ status: 404 });
    expect(await create({ from: 20, until: 10 })).toMatchObject({
      status: 400,
      problem: { fields: [{ path: "body/until" }] },
    });
  });

  test("are future, current or past", async () => {
    const now = server.clock.now();
    const { id: personId } = await operate.call(personEndpoints.create, { body: { displayName: "租客" } });
    const dwellingId = site.dwellingIds[1];
    const add = (range: { from?: number; until?: number }) =>
      operate.call(residencyEndpoints.create, { body: { personId, role: "tenant", dwellingId, ...range } });
    const past = await add({ until: now });
    const current = await add({ from: now, until: now + 1 });
    const future = await add({ from: now + 1 });
    expect([past.state, current.state, future.state]).toEqual(["past", "current", "future"]);
    for (const residency of [past, current, future]) {
      const { items } = await operate.call(residencyEndpoints.list, {
        query: { personId, state: residency.state },
      });
      expect(items.map((item) => item.id)).toEqual([residency.id]);
    }
    const changed = await operate.call(residencyEndpoints.update, {
      params: { id: future.id },
      body: { role: "family", dwellingId, revision: future.revision },
    });
    expect(changed).toMatchObject({ role: "family", state: "current" });
    expect(changed).not.toHaveProperty("from");
    await operate.call(residencyEndpoints.remove, { params: { id: past.id } });
    expect(await operate.call(residencyEndpoints.restore, { params: { id: past.id } })).toMatchObject({
      state: "past",
    });
    expect(await operate.call(residencyEndpoints.get, { params: { id: past.id } })).toMatchObject({
      state: "past",
    });
  });

  test("moving out blocks the cards of that home, and all when nothing is left", async () => {
    const made = await person("搬家的人");
    const home = site.dwellingIds[1];
    const ofHome = await card(made.id, home);
    const general = await card(made.id);
    const second = await operate.call(residencyEndpoints.create, {
      body: { personId: made.id, role: "tenant", dwellingId: site.dwellingIds[0] },
    });
    const first = made.residencies[0]?.id ?? "";
    const out = await operate.call(residencyEndpoints.moveOut, {
      params: { id: first },
      body: {},
      reason: { code: "resident-request" },
    });
    expect(out.residency).toMatchObject({ until: server.clock.now(), state: "past" });
    expect(out.blockedCredentialIds).toEqual([ofHome]);
    const last = await operate.call(residencyEndpoints.moveOut, {
      params: { id: second.id },
      body: {},
      reason: { code: "resident-request" },
    });
    expect(last.blockedCredentialIds).toEqual([general]);
  });

  test("moving out later blocks nothing now", async () => {
    const made = await person("下月搬");
    await card(made.id, site.dwellingIds[1]);
    const at = server.clock.now() + Duration.days(30);
    const out = await operate.call(residencyEndpoints.moveOut, {
      params: { id: made.residencies[0]?.id ?? "" },
      body: { at },
      reason: { code: "resident-request" },
    });
    expect(out).toMatchObject({ residency: { until: at, state: "current" }, blockedCredentialIds: [] });
  });

  test("refuse whoever may not, and ends before beginnings", async () => {
    const one = { params: { id: site.resident.residencyId } };
    const fields = { role: "owner" as const, dwellingId: site.dwellingIds[0] };
    const body = { personId: site.resident.personId, ...fields };
    expect(await guard.refused(residencyEndpoints.list)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(residencyEndpoints.get, one)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(residencyEndpoints.create, { body })).toMatchObject({ code: "forbidden" });
    expect(
      await guard.refused(residencyEndpoints.update, { ...one, body: { ...fields, revision: 1 } }),
    ).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(residencyEndpoints.moveOut, { ...one, body: {} })).toMatchObject({
      code: "forbidden",
    });
    expect(await guard.refused(residencyEndpoints.remove, one)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(residencyEndpoints.restore, one)).toMatchObject({ code: "forbidden" });
    const later = await operate.call(residencyEndpoints.create, {
      body: { ...body, from: server.clock.now() + 10 },
    });
    expect(
      await operate.refused(residencyEndpoints.moveOut, { params: { id: later.id }, body: {} }),
    ).toMatchObject({
      code: "conflict",
    });
  });
});
