import {
  credentialEndpoints,
  householdEndpoints,
  ownRightsEndpoints,
  personEndpoints,
  rightsEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { joinResident } from "../../testing/test-resident.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;

async function resident(displayName: string, role: "tenant" | "owner" | "family" | "helper") {
  const made = await operate.call(personEndpoints.create, {
    body: { displayName, residency: { role, dwellingId: site.dwellingIds[1] } },
  });
  return joinResident(server, operate, made.id);
}

const me = await resident("阿青", "tenant");
const other = await resident("别人家的", "owner");

test("X4 (PIPL 45): the copy is machine-readable, whole, and about nobody else", async () => {
  await operate.call(credentialEndpoints.enrol, {
    body: {
      kind: "desfire",
      identifier: "04aabbccddeeff",
      personId: me.personId,
      dwellingId: site.dwellingIds[1],
    },
  });
  await operate.call(personEndpoints.get, { params: { id: me.personId }, viewReason: { code: "complaint" } });
  await me.client.call(ownRightsEndpoints.ask, { body: { kind: "correction", words: "名字写错了" } });
  const copy = await me.client.call(ownRightsEndpoints.copy);
  expect(copy).toMatchObject({
    format: "menshen/person-copy/v1",
    madeAt: server.clock.now(),
    person: { id: me.personId, displayName: "阿青" },
    residencies: [{ role: "tenant", building: "1号楼", dwelling: "102" }],
    credentials: [{ kind: "desfire", state: "active" }],
    keys: [{ registeredBy: "invitation" }],
    requests: [{ kind: "correction", words: "名字写错了", state: "open" }],
  });
  expect(copy.looks).toContainEqual(expect.objectContaining({ reason: "complaint", what: "record" }));
  expect(copy.statements.map(({ topic }) => topic)).toContain("personal-data-viewed");
  const text = JSON.stringify(copy);
  expect(text).not.toContain("别人家的");
  expect(text).not.toContain(other.personId);
  expect(text).not.toContain("04aabbccddeeff");
});

test("X4 (PIPL 46, 50): a request is due in 15 local days, and refused with a reason only", async () => {
  const asked = await me.client.call(ownRightsEndpoints.ask, {
    body: { kind: "deletion", words: "请删除旧卡的记录" },
  });
  expect(asked).toMatchObject({ state: "open", dueAt: Date.parse("2026-12-09T00:00:00+08:00") });
  const params = { id: asked.id };
  for (const reason of ["", "不行", "          "]) {
    expect(
      await operate.refused(rightsEndpoints.answer, { params, body: { outcome: "refused", reason } }),
    ).toMatchObject({ code: "invalid-request" });
  }
  await expect(
    server.pool.query("update rights_request set state = 'refused', answered_at = now() where id = $1", [
      asked.id,
    ]),
  ).rejects.toThrow(/check constraint/);
  const reason = "网络安全法第二十一条要求管理记录保存六个月，届时自动删除";
  await operate.call(rightsEndpoints.answer, { params, body: { outcome: "refused", reason } });
  const { items } = await me.client.call(ownRightsEndpoints.list);
  expect(items.find(({ id }) => id === asked.id)).toMatchObject({ state: "refused", reason });
  expect(
    await operate.refused(rightsEndpoints.answer, { params, body: { outcome: "done", reason } }),
  ).toMatchObject({ code: "conflict" });
});

test("X4 (PIPL 49): the next of kin get a copy once their request was granted, and not before", async () => {
  const dead = await resident("去世的老人", "owner");
  const params = { id: dead.personId };
  expect(await operate.refused(rightsEndpoints.copy, { params })).toMatchObject({ code: "conflict" });
  const asked = await operate.call(rightsEndpoints.enter, {
    params,
    body: { kind: "heir", words: "女儿出示亲属关系证明" },
  });
  await operate.call(rightsEndpoints.answer, {
    params: { id: asked.id },
    body: { outcome: "done", reason: "已核对亲属关系证明和死亡证明" },
  });
  expect(await operate.call(rightsEndpoints.copy, { params })).toMatchObject({
    person: { displayName: "去世的老人" },
  });
});

test("E3 (Hangzhou 50; SPC 10): whoever lives here, as what ever, lets in family and helpers, and nobody else's", async () => {
  for (const role of ["owner", "tenant", "family", "helper"] as const) {
    const host = await resident(`住户${role}`, role);
    const invitation = await host.client.call(householdEndpoints.invite, {
      params: { dwellingId: site.dwellingIds[1] },
      body: { displayName: `${role}请来的`, role: "helper" },
    });
    expect(invitation.link).toContain("/resident/#join=");
    expect(
      await host.client.refused(householdEndpoints.invite, {
        params: { dwellingId: site.dwellingIds[0] },
        body: { displayName: "混进别家", role: "family" },
      }),
    ).toMatchObject({ code: "not-found" });
  }
  const { items } = await me.client.call(householdEndpoints.list);
  expect(items).toHaveLength(1);
  expect(items[0]?.members.filter(({ isSelf }) => isSelf)).toMatchObject([{ name: "阿青", hasJoined: true }]);
  await me.client.call(householdEndpoints.alias, { body: { displayName: "青" } });
  expect(
    await me.client.refused(householdEndpoints.alias, { body: { displayName: "13800138000" } }),
  ).toMatchObject({ code: "invalid-request" });
  const again = await me.client.call(householdEndpoints.list);
  expect(again.items[0]?.members.some(({ name, isSelf }) => isSelf && name === "青")).toBe(true);
});
