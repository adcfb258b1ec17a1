import { Duration, Instant } from "@menshen/domain";
import {
  type IncidentInput,
  incidentEndpoints,
  messageEndpoints,
  personEndpoints,
  type StaffBody,
  type StaffRole,
  sessionEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { connectGate } from "../../testing/test-journal.ts";
import { joinResident } from "../../testing/test-resident.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Math.floor(Date.now() / 1000) * 1000));
const site = await buildSite(server);
const { clock, pool } = server;
const { operate, secure } = site;

/** Clocks run for hours, sessions for less: what is tested here is not how often one signs in. */
async function advance(by: Duration): Promise<void> {
  clock.advance(by);
  await pool.query("update staff_session set last_used_at = $1", [new Date(clock.now())]);
}

async function member(body: StaffBody, role: StaffRole) {
  const { signIn } = await secure.call(staffEndpoints.create, {
    body: { displayName: `${body} ${role}`, roles: [role], body },
  });
  const client = server.visitor();
  await client.call(sessionEndpoints.signInWithCode, { body: { code: signIn.code } });
  return client;
}
const handler = await member("property", "security");
const officer = await member("city", "supervisor");
/** Whoever audits for the property company wants nothing of the kind. */
const auditor = await member("property", "auditor");
const newPerson = async (displayName: string) =>
  (
    await operate.call(personEndpoints.create, {
      body: { displayName, residency: { role: "tenant", dwellingId: site.dwellingIds[1] } },
    })
  ).id;
/** Without a card. */
const tenant = await newPerson("新租客");
const leakAt = clock.now();
await advance(Duration.hours(1));
/** Came when it was over. */
const later = await newPerson("后来的人");
const lateResident = await joinResident(server, operate, later);
const tenantApp = await joinResident(server, operate, tenant);

const WORDS = {
  cause: "一台备份盘遗失。",
  harm: "可能收到冒充物业的来电。",
  remedies: "已更换密钥并加密其余备份。",
  advice: "不要向来电者提供验证码。",
  contact: "值班电话见公告栏。",
};
const LEAK: IncidentInput = {
  kind: "data-leak",
  grade: "ordinary",
  targets: [{ kind: "store", store: "people" }],
  from: leakAt - 1,
  until: leakAt,
};
const open = (input: IncidentInput = LEAK) => handler.call(incidentEndpoints.open, { body: input });
const affectedBy = async (id: string) =>
  (
    await pool.query<{ person_id: string; data: string[] }>(
      "select person_id, data from incident_affected where incident_id = $1 order by person_id",
      [id],
    )
  ).rows;
const tick = () => server.tidy();

test("B1 (PIPL 57): exactly the affected, and complete drafts with the three statutory items", async () => {
  const incident = await open();
  const both = [site.resident.personId, tenant].toSorted();
  expect(await affectedBy(incident.id)).toEqual(
    both.map((id) => ({ person_id: id, data: ["home", "name"] })),
  );
  expect(incident).toMatchObject({
    affected: 2,
    data: [
      { data: "home", persons: 2 },
      { data: "name", persons: 2 },
    ],
  });
  expect(incident.drafts.map(({ missing }) => missing)).toEqual([
    ["cause", "harm", "remedies", "advice", "contact"],
    ["cause", "harm", "remedies", "advice", "contact"],
  ]);
  // Incomplete, nothing goes out.
  const params = { id: incident.id };
  expect((await handler.refused(incidentEndpoints.tell, { params })).code).toBe("conflict");
  const report = { params, body: { authority: "cac-provincial" } } as const;
  expect((await handler.refused(incidentEndpoints.reported, report)).code).toBe("conflict");
  const written = await handler.call(incidentEndpoints.write, { params, body: WORDS });
  expect(written.drafts.map(({ to, missing }) => [to, missing])).toEqual([
    ["authority", []],
    ["persons", []],
  ]);
  for (const draft of written.drafts) {
    for (const said of Object.values(WORDS)) expect(draft["zh-CN"]).toContain(said);
    expect(draft.en).toContain("1. Data concerned: Home");
    expect(draft["zh-CN"]).not.toMatch(/新租客|李奶奶/);
  }
  await handler.call(incidentEndpoints.tell, { params });
  // Those affected, and nobody else, have it among their notices.
  const told = (await tenantApp.client.call(messageEndpoints.ownNotices)).items;
  expect(told).toMatchObject([{ title: "海棠苑：您的信息可能受到影响" }]);
  expect((await lateResident.client.call(messageEndpoints.ownNotices)).items).toEqual([]);
  expect((await handler.refused(incidentEndpoints.write, { params, body: { cause: "x" } })).code).toBe(
    "conflict",
  );
});

test("B1 (PIPL 57): a gate holds the cards of those who pass it, a database everything", async () => {
  const gate = await open({ ...LEAK, targets: [{ kind: "gate", gateId: site.gateId }] });
  expect(await affectedBy(gate.id)).toEqual([{ person_id: site.resident.personId, data: ["credentials"] }]);
  const nowhere = await open({ ...LEAK, targets: [{ kind: "gate", gateId: site.readerId }] });
  expect(nowhere.affected).toBe(0);
  const all = await open({ ...LEAK, until: clock.now(), targets: [{ kind: "database" }] });
  expect(all.affected).toBe(3);
  expect((await affectedBy(all.id)).find(({ person_id: id }) => id === later)?.data).toEqual([
    "account-keys",
    "home",
    "name",
  ]);
  const before = await open({ ...LEAK, from: leakAt - 2, until: leakAt - Duration.days(1) + 1 }).catch(
    () => undefined,
  );
  expect(before).toBeUndefined();
});

test("B2 (incident measures art. 4): alarms at 50 % and 90 %, and a miss is published", async () => {
  const settings = await handler.call(incidentEndpoints.settings);
  expect(settings.items).toEqual([
    { authority: "cac-provincial", isOn: true, hours: 4, fromGrade: "ordinary" },
    { authority: "critical-infrastructure", isOn: false, hours: 1, fromGrade: "ordinary" },
    { authority: "gdpr", isOn: false, hours: 72, fromGrade: "ordinary" },
  ]);
  const on = { items: settings.items.map((item) => ({ ...item, isOn: true })) };
  const reason = { code: "security" } as const;
  await handler.call(incidentEndpoints.changeSettings, { body: on, reason });
  const { id } = await open({ ...LEAK, ...WORDS });
  const params = { id };
  const alarms = async () =>
    (await handler.call(incidentEndpoints.get, { params })).clocks.map(({ authority, alarm }) => [
      authority,
      alarm,
    ]);
  const after = async (minutes: number, expected: readonly unknown[]) => {
    await advance(Duration.minutes(minutes));
    await tick();
    expect((await alarms()).map(([, alarm]) => alarm)).toEqual(expected);
  };
  await after(29, [undefined, undefined, undefined]);
  await after(1, ["half", undefined, undefined]);
  await after(24, ["nearly", undefined, undefined]);
  // 1 h: missed to the minute; 4 h: half of it.
  await after(6, ["missed", undefined, undefined]);
  await after(60, ["missed", "half", undefined]);
  // Turning a clock off, or making its time longer, rescues nobody.
  await handler.call(incidentEndpoints.changeSettings, { body: settings, reason });
  const reported = await handler.call(incidentEndpoints.reported, {
    params,
    body: { authority: "cac-provincial" },
  });
  expect(reported.clocks.map(({ alarm }) => alarm)).toEqual(["missed", undefined, undefined]);
  await handler.call(incidentEndpoints.reported, { params, body: { authority: "critical-infrastructure" } });
  const { rows } = await pool.query<{ statement: string; public: boolean }>(
    "select statement, public from evidence_statement where topic = 'incident-report-late'",
  );
  expect(
    rows.filter((row) => row.statement.includes(id)).map((row) => [JSON.parse(row.statement), row.public]),
  ).toEqual([[expect.objectContaining({ authority: "critical-infrastructure", incidentId: id }), true]]);
  // Reported late stays late.
  expect(await alarms()).toContainEqual(["critical-infrastructure", "missed"]);
});

test("B3 (PIPL 57): telling nobody needs a reason, and the regulator's word sends", async () => {
  const { id } = await open();
  const params = { id };
  const skip = (why: string) => handler.ask(incidentEndpoints.skipTelling, { params, body: { why } });
  expect(await skip("")).toMatchObject({ ok: false });
  expect(await skip(" ".repeat(30))).toMatchObject({ problem: { code: "invalid-request" } });
  expect(await skip("新租客已经当面告知过了，其余的人都没有受到任何影响")).toMatchObject({
    problem: { code: "invalid-request" },
  });
  await expect(
    pool.query("update incident set telling = 'not-needed' where id = $1", [id]),
  ).rejects.toThrow();
  const why = "遗失的备份盘全部加密，密钥没有遗失，无法被任何人读取。";
  expect(await skip(why)).toMatchObject({ body: { telling: "not-needed", notTelling: why } });
  const by = { authority: "浙江省互联网信息办公室", documentNumber: "浙网信函〔2026〕3 号" };
  for (const other of [handler, auditor]) {
    expect(await other.ask(incidentEndpoints.override, { params, body: by })).toMatchObject({ ok: false });
  }
  const before = (await tenantApp.client.call(messageEndpoints.ownNotices)).items.length;
  // Nobody wrote the words yet: the authority does not wait for them.
  expect(await officer.call(incidentEndpoints.override, { params, body: by })).toMatchObject({
    telling: "told",
    override: by,
  });
  const notices = (await tenantApp.client.call(messageEndpoints.ownNotices)).items;
  expect(notices).toHaveLength(before + 1);
  expect(notices[0]?.text).toContain("正在查明");
  const { rows } = await pool.query<{ statement: string }>(
    "select statement from evidence_statement where topic = 'incident-telling-decided' and public order by at",
  );
  expect(rows.map((row) => JSON.parse(row.statement).telling)).toEqual(["not-needed", "told"]);
});

test("B4 (mass cloning): an incident without any lost data, with the signed entries that show it", async () => {
  const journal = await connectGate(server, site);
  const sequence = await journal.access({
    at: clock.now(),
    accessPointId: site.points.northIn,
    granted: true,
    reasons: [{ code: "rule-allows", rule: 1 }],
    card: { kind: "desfire", identifier: CARD_UID },
  });
  const incident = await server.openIncident({
    kind: "mass-cloning",
    grade: "larger",
    targets: [{ kind: "credentials", ids: [site.resident.credentialId] }],
    from: clock.now(),
    evidence: [{ gateId: site.gateId, sequence }],
  });
  expect(incident).toMatchObject({ kind: "mass-cloning", affected: 1, evidence: [{ sequence }] });
  expect(incident.clocks.map(({ authority }) => authority)).toEqual(["cac-provincial"]);
  const { rows } = await pool.query(
    "select kept.entry = event.entry as same from incident_evidence kept join event using (gate_id, sequence) where incident_id = $1",
    [incident.id],
  );
  expect(rows).toEqual([{ same: true }]);
  await expect(pool.query("delete from incident_evidence")).rejects.toThrow("only grow");
  // Published afterwards: what, how many, and whether the clocks were kept.
  const params = { id: incident.id };
  expect((await handler.refused(incidentEndpoints.publish, { params })).code).toBe("conflict");
  await handler.call(incidentEndpoints.write, { params, body: WORDS });
  await handler.call(incidentEndpoints.reported, { params, body: { authority: "cac-provincial" } });
  await handler.call(incidentEndpoints.tell, { params });
  await handler.call(incidentEndpoints.publish, { params });
  expect((await server.visitor().call(incidentEndpoints.published)).items).toMatchObject([
    { id: incident.id, kind: "mass-cloning", affected: 1, telling: "told", cause: WORDS.cause },
  ]);
});
