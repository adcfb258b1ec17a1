import { Duration, Instant } from "@menshen/domain";
import {
  conformityEndpoints,
  gateEndpoints,
  type IncidentInput,
  incidentEndpoints,
  messageEndpoints,
  overviewEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { joinResident } from "../../testing/test-resident.ts";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Math.floor(Date.now() / 1000) * 1000));
const { operate, resident } = await buildSite(server);
const { clock, pool } = server;
const [manager, guard] = [await server.member("manager"), await server.member("guard")];
const own = await joinResident(server, operate, resident.personId);

const LEAK: IncidentInput = {
  kind: "data-leak",
  grade: "ordinary",
  targets: [{ kind: "store", store: "people" }],
  from: clock.now() - 1,
  cause: "一台备份盘遗失。",
  harm: "可能收到冒充物业的来电。",
  remedies: "已更换密钥并加密其余备份。",
  advice: "不要向来电者提供验证码。",
  contact: "值班电话见公告栏。",
};
/** Clocks run for hours, sessions for less. */
async function advance(minutes: number): Promise<void> {
  clock.advance(Duration.minutes(minutes));
  await pool.query("update staff_session set last_used_at = $1", [new Date(clock.now())]);
  await server.tidy();
}
const findings = async (client: TestClient) =>
  (await client.call(gateEndpoints.health)).items.filter(({ code }) => code.startsWith("incident-"));
const row = async () => {
  const { items } = await server.visitor().call(conformityEndpoints.read);
  return items.find(({ id }) => id === "B2");
};
const listed = () => server.visitor().call(incidentEndpoints.published);

test("B2 (incident measures art. 4): the alarm stands before whoever reports, a miss before everybody, for a year", async () => {
  expect(await row()).toMatchObject({ state: "kept", breaches: 0 });
  const { id } = await manager.call(incidentEndpoints.open, { body: LEAK });
  const params = { id };
  expect(await findings(manager)).toEqual([]);
  expect(await listed()).toEqual({ items: [], ahead: [] });
  const openedAt = clock.now();
  const values = { incidentId: id, authority: "cac-provincial", dueAt: openedAt + Duration.hours(4) };
  for (const [minutes, code, severity] of [
    [120, "incident-report-half", "warning"],
    [96, "incident-report-nearly", "fault"],
    [24, "incident-report-missed", "fault"],
  ] as const) {
    expect(await row()).toMatchObject({ state: "kept", breaches: 0 });
    await advance(minutes);
    expect(await findings(manager)).toEqual([{ code, severity, values, since: clock.now() }]);
    expect((await manager.call(overviewEndpoints.get)).findings.some((one) => one.code === code)).toBe(true);
    // Who may not handle incidents is not told that there is one.
    expect(await findings(guard)).toEqual([]);
  }
  expect(await row()).toMatchObject({ state: "broken", breaches: 1 });
  expect(await listed()).toMatchObject({
    items: [],
    ahead: [{ id, late: [{ authority: "cac-provincial", alarm: "missed" }] }],
  });

  // Reporting late silences the alarm and takes nothing back.
  await manager.call(incidentEndpoints.reported, { params, body: { authority: "cac-provincial" } });
  expect(await findings(manager)).toEqual([]);
  expect(await row()).toMatchObject({ state: "broken", breaches: 1 });

  // Those affected see what their notice is about, and later that it is published.
  await manager.call(incidentEndpoints.tell, { params });
  const told = async () => (await own.client.call(messageEndpoints.ownNotices)).items;
  expect(await told()).toMatchObject([{ incident: { id, kind: "data-leak" } }]);
  expect((await told())[0]?.incident).not.toHaveProperty("publishedAt");
  // Told without an authority's word: nobody else's matter before it is published.
  expect((await listed()).ahead[0]).not.toHaveProperty("override");
  await manager.call(incidentEndpoints.publish, { params });
  expect((await told())[0]?.incident).toMatchObject({ publishedAt: clock.now() });
  expect(await listed()).toMatchObject({
    items: [{ id, telling: "told", clocks: [{ alarm: "missed", reportedAt: expect.any(Number) }] }],
    ahead: [],
  });
  clock.advance(Duration.days(366));
  expect(await row()).toMatchObject({ state: "kept", breaches: 0 });
});

test("B3 (PIPL 57): a decision not to tell is public with its reason before the incident is", async () => {
  const handler = await server.member("manager");
  const { id } = await handler.call(incidentEndpoints.open, { body: { ...LEAK, from: clock.now() - 1 } });
  const why = "遗失的备份盘全部加密，密钥没有遗失，无法被任何人读取。";
  await handler.call(incidentEndpoints.skipTelling, { params: { id }, body: { why } });
  const { ahead } = await listed();
  expect(ahead).toMatchObject([{ id, late: [], notTelling: why }]);
  expect(ahead[0]).not.toHaveProperty("cause");
});
