import { Duration, Instant } from "@menshen/domain";
import { changeEndpoints, credentialEndpoints, eventEndpoints, personEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const gate = await connectGate(server, site);
const guard = await server.member("guard");

const CARD = { kind: "uid", identifier: "04deadbeef0011" } as const;
const REASON = { code: "help-at-the-door", text: "老人打不开门" } as const;
const body = { reason: REASON };

async function tap(): Promise<{ params: { gateId: string; sequence: number } }> {
  const sequence = await gate.access({
    at: server.clock.now(),
    accessPointId: site.points.northIn,
    granted: true,
    reasons: [{ code: "rule-allows", rule: 1 }],
    card: CARD,
  });
  return { params: { gateId: site.gateId, sequence } };
}

test("a name is read with a reason, and the look is on record for that person and the auditor", async () => {
  await site.operate.call(credentialEndpoints.enrol, {
    body: { ...CARD, personId: site.resident.personId },
  });
  const event = await tap();
  const revealed = await guard.call(eventEndpoints.reveal, { ...event, body });
  expect(revealed).toMatchObject({
    found: true,
    personId: site.resident.personId,
    personName: "李奶奶",
    dwellingNames: ["1号楼 101"],
    credentialLabel: "0011",
    credentialState: "active",
  });
  const auditor = await server.founder("audit");
  const { items } = await auditor.call(changeEndpoints.views);
  expect(items[0]).toEqual({
    id: revealed.viewId,
    at: server.clock.now(),
    staffId: expect.any(String),
    staffName: "guard 1",
    gateId: site.gateId,
    sequence: event.params.sequence,
    reason: REASON,
  });
  const { rows } = await server.pool.query("select person_id from personal_view where id = $1", [
    revealed.viewId,
  ]);
  expect(rows).toEqual([{ person_id: site.resident.personId }]);
});

test("without a reason nothing is told (privacy row L6)", async () => {
  const event = await tap();
  for (const wrong of [{}, { reason: {} }, { reason: { code: "curious" } }, { reason: "because" }]) {
    const response = await server.app.inject({
      method: "POST",
      url: `/api/v1/events/${event.params.gateId}/${event.params.sequence}/reveal`,
      headers: { host: "localhost", cookie: guard.cookie },
      payload: wrong,
    });
    expect(response.statusCode).toBe(400);
  }
});

test("a card that changed hands belongs to whoever held it then", async () => {
  const before = await tap();
  server.clock.advance(Duration.minutes(1));
  const { items } = await site.operate.call(credentialEndpoints.list, {
    query: { label: "0011", state: "active" },
  });
  await site.operate.call(credentialEndpoints.block, {
    params: { id: items[0]?.id ?? "" },
    reason: { code: "move-out" },
  });
  const next = await site.operate.call(personEndpoints.create, {
    body: { displayName: "新住户", residency: { role: "tenant", dwellingId: site.dwellingIds[1] } },
  });
  await site.operate.call(credentialEndpoints.enrol, { body: { ...CARD, personId: next.id } });
  server.clock.advance(Duration.minutes(1));
  const after = await tap();
  expect(await guard.call(eventEndpoints.reveal, { ...before, body })).toMatchObject({
    personName: "李奶奶",
  });
  expect(await guard.call(eventEndpoints.reveal, { ...after, body })).toMatchObject({ personName: "新住户" });
});

test("finding nobody is on record too", async () => {
  const sequence = await gate.access({
    at: server.clock.now(),
    accessPointId: site.points.northIn,
    granted: false,
    reasons: [{ code: "credential-unknown" }],
    card: { kind: "uid", identifier: "01020304" },
  });
  const params = { gateId: site.gateId, sequence };
  const revealed = await guard.call(eventEndpoints.reveal, { params, body });
  expect(revealed).toEqual({ viewId: revealed.viewId, found: false, dwellingNames: [] });
  const { rows } = await server.pool.query("select person_id from personal_view where id = $1", [
    revealed.viewId,
  ]);
  expect(rows).toEqual([{ person_id: null }]);
});

test("whoever may not is refused, and nothing is written", async () => {
  const event = await tap();
  const count = async () => (await server.pool.query("select 1 from personal_view")).rowCount;
  const before = await count();
  const auditor = await server.founder("audit");
  const desk = await server.member("desk");
  expect(await auditor.refused(eventEndpoints.reveal, { ...event, body })).toMatchObject({
    code: "wrong-duty",
  });
  expect(await desk.refused(eventEndpoints.reveal, { ...event, body })).toMatchObject({ code: "forbidden" });
  expect(
    await guard.refused(eventEndpoints.reveal, { params: { gateId: site.gateId, sequence: 999 }, body }),
  ).toMatchObject({ status: 404 });
  expect(await guard.refused(changeEndpoints.views)).toMatchObject({ code: "wrong-duty", duty: "audit" });
  expect(await guard.refused(changeEndpoints.list)).toMatchObject({ code: "wrong-duty", duty: "audit" });
  expect(await count()).toBe(before);
});

test("whoever looks at one after the other has to slow down", async () => {
  const hasty = await server.member("guard");
  const event = await tap();
  for (let i = 0; i < 30; i += 1) await hasty.call(eventEndpoints.reveal, { ...event, body });
  expect(await hasty.refused(eventEndpoints.reveal, { ...event, body })).toMatchObject({
    status: 429,
    code: "rate-limited",
  });
});
