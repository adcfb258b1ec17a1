import { Duration } from "@menshen/domain";
import {
  changeEndpoints,
  commandEndpoints,
  gateEndpoints,
  ownRoleEndpoints,
  personEndpoints,
  portalEndpoints,
  sessionEndpoints,
  staffEndpoints,
  vendorAccessEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";

const server = await startTestServer();
const security = await server.member("security");
const manager = await server.member("manager");
const committee = await server.member("committee");
const guard = await server.member("guard");
const auditor = await server.member("auditor");

/** Signing in often is slowed down. */
const waitAMinute = () => server.clock.advance(Duration.ms(60_000));

test("an own role gives what it says, within its duty, and ends its holders' sessions when it changes", async () => {
  const input = { name: "夜班门岗", base: "guard" as const, permissions: ["doors.read" as const] };
  expect(await guard.refused(ownRoleEndpoints.create, { body: input })).toMatchObject({ code: "wrong-duty" });
  expect(
    await security.refused(ownRoleEndpoints.create, {
      body: { ...input, permissions: ["doors.read", "gates.write"] },
    }),
  ).toMatchObject({ code: "invalid-request", fields: [{ message: "of another duty: gates.write" }] });
  const role = await security.call(ownRoleEndpoints.create, { body: input });
  expect(role).toMatchObject({ ...input, revision: 1 });
  expect(await security.refused(ownRoleEndpoints.create, { body: input })).toMatchObject({
    code: "conflict",
  });

  expect(
    await security.refused(staffEndpoints.create, {
      body: { displayName: "王", roles: ["security"], ownRoleIds: [role.id] },
    }),
  ).toMatchObject({ code: "invalid-request" });
  expect(
    await security.refused(staffEndpoints.create, { body: { displayName: "王", roles: [] } }),
  ).toMatchObject({ code: "invalid-request" });
  waitAMinute();
  const { staff, signIn } = await security.call(staffEndpoints.create, {
    body: { displayName: "王", roles: [], ownRoleIds: [role.id] },
  });
  expect(staff).toMatchObject({ roles: [], ownRoleIds: [role.id], duty: "operate" });
  const holder = server.visitor();
  const session = await holder.call(sessionEndpoints.signInWithCode, { body: { code: signIn.code } });
  expect(session).toMatchObject({ roles: ["guard"], duty: "operate", permissions: ["doors.read"] });
  expect((await holder.call(portalEndpoints.list, { query: {} })).items).toEqual([]);
  expect(await holder.refused(commandEndpoints.list, { query: {} })).toMatchObject({ code: "forbidden" });

  await security.call(ownRoleEndpoints.update, {
    params: { id: role.id },
    body: { ...input, permissions: ["doors.read", "events.read"], revision: 1 },
  });
  expect(await holder.refused(portalEndpoints.list, { query: {} })).toMatchObject({ code: "not-signed-in" });
  const again = await security.call(staffEndpoints.invite, {
    params: { id: staff.id },
    reason: { code: "test" },
  });
  await holder.call(sessionEndpoints.signInWithCode, { body: { code: again.code } });
  expect((await holder.call(commandEndpoints.list, { query: {} })).items).toEqual([]);

  // Removed: the account stays, and may do nothing.
  await security.call(ownRoleEndpoints.remove, { params: { id: role.id } });
  const third = await security.call(staffEndpoints.invite, {
    params: { id: staff.id },
    reason: { code: "test" },
  });
  expect(await holder.call(sessionEndpoints.signInWithCode, { body: { code: third.code } })).toMatchObject({
    permissions: [],
  });
  await security.call(ownRoleEndpoints.restore, { params: { id: role.id } });
  const { items } = await auditor.call(changeEndpoints.list, { query: { entity: "role" } });
  expect(items.map(({ action }) => action)).toEqual([
    "role.restored",
    "role.removed",
    "role.changed",
    "role.created",
  ]);
});

test("a committee reads the rules and the record of changes, and nothing about residents", async () => {
  expect((await committee.call(changeEndpoints.list, { query: {} })).items.length).toBeGreaterThan(0);
  expect(await committee.refused(personEndpoints.list, { query: {} })).toMatchObject({ code: "wrong-duty" });
});

test("vendors get in for the hours that the community opens, and everybody sees it (complaint 7)", async () => {
  waitAMinute();
  const { signIn } = await security.call(staffEndpoints.create, {
    body: { displayName: "门禁维保", roles: ["vendor"] },
  });
  const vendor = server.visitor();
  const code = { body: { code: signIn.code } };
  expect(await vendor.refused(sessionEndpoints.signInWithCode, code)).toMatchObject({ code: "forbidden" });
  expect(await guard.call(vendorAccessEndpoints.current)).toEqual({});
  const body = { company: "锐捷门控", hours: 2 };
  const reason = { code: "maintenance", text: "更换控制器" } as const;
  expect(await guard.refused(vendorAccessEndpoints.open, { body, reason })).toMatchObject({
    code: "forbidden",
  });
  expect(await manager.refused(vendorAccessEndpoints.open, { body })).toMatchObject({
    code: "reason-required",
  });
  const open = await manager.call(vendorAccessEndpoints.open, { body, reason });
  expect(open).toMatchObject({ company: "锐捷门控", openedBy: "manager 2", reasonText: "更换控制器" });
  expect(open.until - open.openedAt).toBe(7_200_000);
  expect(await manager.refused(vendorAccessEndpoints.open, { body, reason })).toMatchObject({
    code: "conflict",
  });
  expect(await guard.call(vendorAccessEndpoints.current)).toEqual({ open });
  // The code that was refused before is still good.
  await vendor.call(sessionEndpoints.signInWithCode, code);
  expect((await vendor.call(gateEndpoints.list, { query: {} })).items).toEqual([]);
  expect(await vendor.refused(personEndpoints.list, { query: {} })).toMatchObject({ code: "wrong-duty" });

  // The committee closes them early.
  await committee.call(vendorAccessEndpoints.close, { params: { id: open.id } });
  expect(await vendor.refused(gateEndpoints.list, { query: {} })).toMatchObject({ code: "not-signed-in" });
  expect(await guard.call(vendorAccessEndpoints.current)).toEqual({});
  expect(await manager.refused(vendorAccessEndpoints.close, { params: { id: open.id } })).toMatchObject({
    code: "conflict",
  });

  // Left alone they end by themselves.
  waitAMinute();
  await manager.call(vendorAccessEndpoints.open, { body: { ...body, hours: 1 }, reason });
  server.clock.advance(Duration.ms(3_600_000 - 1));
  expect((await manager.call(vendorAccessEndpoints.current)).open).toBeDefined();
  server.clock.advance(Duration.ms(1));
  expect(
    (await server.founder().then((founder) => founder.call(vendorAccessEndpoints.current))).open,
  ).toBeUndefined();
  const { items } = await (await server.member("auditor")).call(vendorAccessEndpoints.list);
  expect(items.map(({ closedBy }) => closedBy)).toEqual([undefined, "committee 3"]);
  const changes = await (await server.member("auditor")).call(changeEndpoints.list, {
    query: { entity: "vendor-access" },
  });
  expect(changes.items.map(({ action }) => action)).toEqual([
    "vendor-access.opened",
    "vendor-access.closed",
    "vendor-access.opened",
  ]);
});
