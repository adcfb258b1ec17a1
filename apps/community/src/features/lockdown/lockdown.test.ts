import { Duration } from "@menshen/domain";
import {
  changeEndpoints,
  lockdownEndpoints,
  lockdownPlanEndpoints,
  massUnlockEndpoints,
  modeEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const guard = await server.member("guard");
const other = await server.member("guard");
const desk = await server.member("desk");
const auditor = await server.member("auditor");
const reason = { code: "emergency" } as const;
const plan = { name: "封闭全区", rank: 1, level: 2, durationMinutes: 60 };
const create = (body: typeof plan & { portalIds?: string[] }) =>
  site.secure.call(lockdownPlanEndpoints.create, { body });
const all = await create(plan);
const start = (planId: string, drill = false, durationMinutes?: number) =>
  guard.call(lockdownEndpoints.start, {
    body: { planId, drill, ...(durationMinutes === undefined ? {} : { durationMinutes }) },
    reason,
  });
async function modes() {
  const { items } = await guard.call(modeEndpoints.list);
  return items.map(({ mode, lockdown, until }) => [mode, lockdown, until]);
}

test("a plan needs doors that are there, and its own name", async () => {
  expect(all).toMatchObject({ name: "封闭全区", doorCount: 2, revision: 1 });
  const absent = { ...plan, name: "x", portalIds: ["7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11"] };
  expect(await site.secure.refused(lockdownPlanEndpoints.create, { body: absent })).toMatchObject({
    status: 404,
  });
  expect(await site.secure.refused(lockdownPlanEndpoints.create, { body: plan })).toMatchObject({
    code: "conflict",
  });
  expect(await guard.refused(lockdownPlanEndpoints.create, { body: plan })).toMatchObject({
    code: "wrong-duty",
  });
  expect(
    await desk.refused(lockdownEndpoints.start, { body: { planId: all.id, drill: true }, reason }),
  ).toMatchObject({ code: "forbidden" });
});

test("many doors are opened by two persons, for a time, and a lockdown still closes them", async () => {
  const { now } = server.clock;
  const portalIds = [site.portals.north, site.portals.house];
  const body = { portalIds, minutes: 30 };
  expect(await desk.refused(massUnlockEndpoints.request, { body, reason })).toMatchObject({
    code: "forbidden",
  });
  const absent = { portalIds: ["7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11"], minutes: 30 };
  expect(await guard.refused(massUnlockEndpoints.request, { body: absent, reason })).toMatchObject({
    code: "not-found",
  });
  const before = await modes();
  const asked = await guard.call(massUnlockEndpoints.request, { body, reason });
  expect(asked).toMatchObject({ minutes: 30, requestedBy: "guard 1", own: true, expiresAt: now() + 600_000 });
  expect(await modes()).toEqual(before);
  const one = { params: { id: asked.id }, reason };
  expect(await guard.refused(massUnlockEndpoints.agree, one)).toMatchObject({ code: "second-person-needed" });
  const open = await other.call(massUnlockEndpoints.agree, one);
  expect(open).toMatchObject({ agreedBy: "guard 2", own: false, until: now() + 1_800_000 });
  expect((await modes()).map(([mode]) => mode)).toEqual(["held-open", "held-open"]);
  expect(await other.refused(massUnlockEndpoints.agree, one)).toMatchObject({ code: "conflict" });
  expect((await guard.call(massUnlockEndpoints.list)).items.map(({ id }) => id)).toEqual([asked.id]);
  server.clock.advance(Duration.minutes(31));
  expect((await guard.call(massUnlockEndpoints.list)).items).toEqual([]);
  expect((await modes()).map(([mode]) => mode)).toEqual(["normal", "normal"]);

  const late = await guard.call(massUnlockEndpoints.request, { body, reason });
  server.clock.advance(Duration.minutes(10));
  const tooLate = { params: { id: late.id }, reason };
  expect(await other.refused(massUnlockEndpoints.agree, tooLate)).toMatchObject({ code: "conflict" });
  const { items } = await auditor.call(changeEndpoints.list, { query: { action: "mass-unlock.agreed" } });
  expect(items).toMatchObject([{ entityId: asked.id, after: { doors: 2 } }]);
});

test("one starts it, two end it early, and what was set for a door stands again", async () => {
  const { now } = server.clock;
  await guard.call(modeEndpoints.set, {
    params: { portalId: site.portals.house },
    body: { mode: "held-open", until: now() + 7_200_000 },
    reason,
  });
  const running = await start(all.id);
  expect(running).toMatchObject({
    name: "封闭全区",
    drill: false,
    until: now() + 3_600_000,
    adoptedCount: 0,
  });
  expect(await modes()).toEqual([
    ["held-open", 2, running.until],
    ["normal", 2, running.until],
  ]);
  expect(
    await guard.refused(lockdownEndpoints.start, { body: { planId: all.id, drill: false }, reason }),
  ).toMatchObject({ code: "conflict" });
  // Nobody undoes it door by door.
  await guard.call(modeEndpoints.set, {
    params: { portalId: site.portals.north },
    body: { mode: "normal", lockdown: 0 },
    reason,
  });
  expect((await modes())[1]).toEqual(["normal", 2, running.until]);

  const one = { params: { id: running.id }, reason };
  expect(await guard.call(lockdownEndpoints.end, one)).toMatchObject({
    endRequest: { by: "guard 1", own: true },
  });
  expect(await guard.refused(lockdownEndpoints.end, one)).toMatchObject({ code: "second-person-needed" });
  expect(await other.call(lockdownEndpoints.keep, one)).not.toHaveProperty("endRequest");
  await guard.call(lockdownEndpoints.end, one);
  // Nobody agreed in time: it is asked anew.
  server.clock.advance(Duration.minutes(10));
  expect(await other.call(lockdownEndpoints.end, one)).toMatchObject({ endRequest: { by: "guard 2" } });
  expect(await modes()).toContainEqual(["normal", 2, running.until]);
  expect(await guard.call(lockdownEndpoints.end, one)).toMatchObject({
    ended: { how: "early", by: "guard 2", agreedBy: "guard 1" },
  });
  expect(await modes()).toEqual([
    ["held-open", 0, now() + 7_200_000 - 600_000],
    ["normal", 0, undefined],
  ]);
  expect(await other.refused(lockdownEndpoints.end, one)).toMatchObject({ code: "conflict" });
});

test("it ends by itself, and a lower one that lasts longer goes on", async () => {
  const lower = await create({ ...plan, name: "北门", rank: 5, level: 1, portalIds: [site.portals.north] });
  const long = await start(lower.id, false, 60);
  const short = await start(all.id, false, 5);
  expect((await modes())[1]).toEqual(["normal", 2, short.until]);
  server.clock.advance(Duration.minutes(5));
  await server.lockdowns.review();
  expect((await modes())[1]).toEqual(["normal", 1, long.until]);
  const { items } = await guard.call(lockdownEndpoints.list, { query: { active: true } });
  expect(items.map(({ name }) => name)).toEqual(["北门"]);
  server.clock.advance(Duration.minutes(55));
  await server.lockdowns.review();
  const { items: past } = await guard.call(lockdownEndpoints.list, { query: { limit: 2 } });
  expect(past.map(({ ended }) => ended?.how)).toEqual(["time", "time"]);
});

test("a drill drives nothing, and one person ends it", async () => {
  const before = await modes();
  const drill = await start(all.id, true);
  expect(await modes()).toEqual(before);
  expect(await guard.call(lockdownEndpoints.end, { params: { id: drill.id }, reason })).toMatchObject({
    drill: true,
    ended: { how: "early", by: "guard 1" },
  });
});
