import { GateId } from "@menshen/domain";
import { gateEndpoints, readerEndpoints, vendorEndpoints, vendorExitEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { secure } = site;
const manager = await server.member("manager");

const PAGE = {
  name: "安居科技",
  owner: "91330100MA27X0000X",
  beneficialOwner: "安居集团",
  contract: {
    number: "2026-017",
    from: "2020-01-01",
    until: "2099-01-01",
    clauses: "退出时返还或删除全部数据",
  },
  fees: "每年 48,000 元",
  adIncome: [],
  dataHeld: [{ what: "报修记录", where: "杭州机房", until: "合同结束" }],
  subProcessors: [{ name: "某云", what: "存放", where: "杭州" }],
  grade: { grade: "A" as const, evidence: "测评报告", until: "2099-01-01" },
  incidents: [],
};

test("X3 (PIPL 21): a vendor's exit has a line for each store and device, and one missing receipt keeps it open", async () => {
  const vendor = await manager.call(vendorEndpoints.create, { body: PAGE });
  const gate = await secure.call(gateEndpoints.create, { body: { name: "西门控制器", doorGroup: 2 } });
  const params = { id: vendor.id };
  const body = { ground: "合同到期，换一家" };
  expect(
    await (await server.member("desk")).refused(vendorExitEndpoints.begin, { params, body }),
  ).toMatchObject({
    code: "forbidden",
  });
  const exit = await manager.call(vendorExitEndpoints.begin, { params, body });
  expect(await manager.refused(vendorExitEndpoints.begin, { params, body })).toMatchObject({
    code: "conflict",
  });
  const named = exit.items.map(({ kind, name }) => `${kind} ${name}`);
  expect(named).toEqual(
    expect.arrayContaining(["store 报修记录 · 杭州机房", "store 某云 · 存放 · 杭州", "gate 西门控制器"]),
  );
  const line = (name: string) => {
    const item = exit.items.find((one) => one.name.startsWith(name));
    return { id: exit.id, itemId: item?.id ?? "" };
  };
  const enter = (name: string, outcome: "returned" | "deleted" | "kept") =>
    ({ params: line(name), body: { outcome, words: "双方签字的交接单" } }) as const;
  const close = () => manager.refused(vendorExitEndpoints.close, { params: { id: exit.id } });

  expect(await close()).toMatchObject({ code: "conflict", detail: expect.stringContaining("西门控制器") });
  for (const store of ["报修记录", "某云"]) {
    await manager.call(vendorExitEndpoints.receipt, enter(store, "deleted"));
    expect(await close()).toMatchObject({ code: "conflict" });
  }
  expect(await manager.refused(vendorExitEndpoints.receipt, enter("某云", "kept"))).toMatchObject({
    code: "conflict",
  });
  // A word that is not true here is no receipt: the gate still takes part, and still is theirs.
  expect(await manager.refused(vendorExitEndpoints.receipt, enter("西门控制器", "returned"))).toMatchObject({
    code: "conflict",
  });
  expect(await manager.refused(vendorExitEndpoints.receipt, enter("西门控制器", "kept"))).toMatchObject({
    code: "conflict",
  });
  // Nothing new of theirs is installed, also where it is the only vendor and nobody named it.
  const going = { code: "conflict", fields: [{ path: "vendor/leaving", message: "going" }] };
  for (const named of [{}, { vendorId: vendor.id }]) {
    const late = { name: "东门控制器", doorGroup: 3, ...named };
    expect(await secure.refused(gateEndpoints.create, { body: late })).toMatchObject(going);
  }
  expect(await secure.refused(gateEndpoints.enrolmentCode, { params: { id: gate.id } })).toMatchObject(going);
  // A device of theirs that came onto the register since, at a gate that stood: on the list too.
  const unit = { gateId: gate.id, name: "西门单元", kind: "io" } as const;
  const reader = await secure.call(readerEndpoints.create, { body: unit });
  await server.gateLink.revoke(GateId(gate.id)).catch(() => undefined);
  expect(await close()).toMatchObject({ code: "conflict", detail: expect.stringContaining("西门单元") });
  await secure.call(readerEndpoints.remove, { params: { id: reader.id } });
  await secure.call(gateEndpoints.remove, { params: { id: gate.id } });
  await manager.call(vendorExitEndpoints.receipt, enter("西门控制器", "returned"));
  expect(await close()).toMatchObject({ code: "conflict", detail: expect.stringContaining("西门单元") });
  const open = (await server.visitor().call(vendorExitEndpoints.list)).items[0];
  expect(open).not.toHaveProperty("closedAt");
  const missing = open?.items.find(({ name }) => name.endsWith("西门单元"));
  await manager.call(vendorExitEndpoints.receipt, {
    params: { id: exit.id, itemId: missing?.id ?? "" },
    body: { outcome: "returned", words: "未安装，原样退回" },
  });
  const closed = await manager.call(vendorExitEndpoints.close, { params: { id: exit.id } });
  expect(closed.closedAt).toBe(server.clock.now());
  expect(closed.items.every(({ outcome, at }) => outcome !== undefined && at !== undefined)).toBe(true);
  expect(await close()).toMatchObject({ code: "conflict", detail: "this exit is closed" });
  // Who left does not come back by a gate either.
  expect(
    await secure.refused(gateEndpoints.create, { body: { name: "东门控制器", doorGroup: 3 } }),
  ).toMatchObject({ code: "conflict", fields: [{ path: "vendor/leaving", message: "gone" }] });
  expect((await server.visitor().call(vendorEndpoints.list)).items[0]).toMatchObject({ leaving: "gone" });
  const { rows } = await server.pool.query(
    "select topic, count(*)::int as n from evidence_statement where topic like 'vendor-exit-%' group by topic order by topic",
  );
  expect(rows).toEqual([
    { topic: "vendor-exit-begun", n: 1 },
    { topic: "vendor-exit-closed", n: 1 },
    { topic: "vendor-exit-receipt", n: 4 },
  ]);
});

test("X3 (PIPL 21): a gate that stays goes to a vendor who may install here, and its readers with it", async () => {
  const leaving = await manager.call(vendorEndpoints.create, { body: { ...PAGE, name: "离场科技" } });
  const next = await manager.call(vendorEndpoints.create, { body: { ...PAGE, name: "接手科技" } });
  const { grade: _, ...unsaid } = { ...PAGE, name: "隐瞒科技" };
  const hiding = await manager.call(vendorEndpoints.create, { body: unsaid });
  const gate = await secure.call(gateEndpoints.create, {
    body: { name: "南门控制器", doorGroup: 4, vendorId: leaving.id },
  });
  await secure.call(readerEndpoints.create, { body: { gateId: gate.id, name: "南门单元", kind: "io" } });
  const exit = await manager.call(vendorExitEndpoints.begin, {
    params: { id: leaving.id },
    body: { ground: "合同到期，换一家" },
  });
  const item = (kind: string) => ({
    id: exit.id,
    itemId: exit.items.find((one) => one.kind === kind)?.id ?? "",
  });
  const keep = (kind: string, vendorId?: string) => ({
    params: item(kind),
    body: { outcome: "kept" as const, words: "双方签字的交接单", ...(vendorId && { vendorId }) },
  });
  const refused = (call: ReturnType<typeof keep>) => manager.refused(vendorExitEndpoints.receipt, call);
  expect(await refused(keep("gate", hiding.id))).toMatchObject({ code: "conflict" });
  expect(await refused(keep("gate", leaving.id))).toMatchObject({ code: "conflict" });
  expect(await refused(keep("reader"))).toMatchObject({ code: "conflict" });
  const alsoLeaving = await manager.call(vendorEndpoints.create, { body: { ...PAGE, name: "也要走科技" } });
  await manager.call(vendorExitEndpoints.begin, {
    params: { id: alsoLeaving.id },
    body: { ground: "合同到期，换一家" },
  });
  expect(await refused(keep("gate", alsoLeaving.id))).toMatchObject({ code: "conflict" });
  expect(await refused(keep("store", next.id))).toMatchObject({ code: "invalid-request" });
  const owner = async () => (await secure.call(gateEndpoints.get, { params: { id: gate.id } })).vendorId;
  expect(await owner()).toBe(leaving.id);
  await manager.call(vendorExitEndpoints.receipt, keep("gate", next.id));
  await manager.call(vendorExitEndpoints.receipt, keep("reader"));
  expect(await owner()).toBe(next.id);
  const { items } = await server.visitor().call(vendorEndpoints.list);
  expect(items.find(({ id }) => id === next.id)?.gateNames).toEqual(["南门控制器"]);
});

test("X3: the database holds no outcome without its receipt", async () => {
  await expect(
    server.pool.query("update vendor_exit_item set words = null where outcome is not null"),
  ).rejects.toThrow(/check constraint/);
});
