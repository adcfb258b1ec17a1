import { Duration } from "@menshen/domain";
import {
  changeEndpoints,
  credentialEndpoints,
  ownResidencyEndpoints,
  personEndpoints,
  residencyEndEndpoints,
  residencyEndpoints,
  residencyEndTexts,
  residentEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { joinResident, leaveHome } from "../../testing/test-resident.ts";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const reason = { code: "resident-request" } as const;
const GROUND = "租约到期，房东称不再续租";
/** 2026-11-23T08:00+08:00 is when the clock starts; local midnights are 16:00 UTC of the day before. */
const MIDNIGHT_AFTER_14_DAYS = Date.parse("2026-12-08T00:00:00+08:00");

/** Sessions end when time goes by; everybody who is needed signs in again. */
let founders = { operate: site.operate, at: server.clock.now() };
async function desk(): Promise<TestClient> {
  if (founders.at !== server.clock.now()) {
    founders = { operate: await server.founder(), at: server.clock.now() };
  }
  return founders.operate;
}

async function tenant(displayName: string, role: "tenant" | "family" = "tenant", until?: number) {
  const term = until === undefined ? {} : { until };
  const made = await (await desk()).call(personEndpoints.create, {
    body: { displayName, residency: { role, dwellingId: site.dwellingIds[1], ...term } },
  });
  return { personId: made.id, residencyId: made.residencies[0]?.id ?? "" };
}

let cards = 0;
async function card(personId: string) {
  cards += 1;
  const identifier = `04${cards.toString(16).padStart(12, "0")}`;
  const { credential } = await (await desk()).call(credentialEndpoints.enrol, {
    body: { kind: "desfire", identifier, personId, dwellingId: site.dwellingIds[1] },
  });
  return async () =>
    (await (await desk()).call(credentialEndpoints.get, { params: { id: credential.id } })).state;
}

const ask = async (residencyId: string, askedBy: "landlord" | "household" = "landlord") =>
  (await desk()).call(residencyEndEndpoints.ask, {
    params: { id: residencyId },
    body: { askedBy, ground: GROUND },
  });

test("nobody who lives here is put out by landlord, household or desk alone", async () => {
  const { personId, residencyId } = await tenant("住在这里的人");
  await card(personId);
  const one = { params: { id: residencyId } };
  const operate = await desk();
  const residency = await operate.call(residencyEndpoints.get, one);
  const refusals = [
    await operate.refused(residencyEndpoints.moveOut, { ...one, body: {} }),
    await operate.refused(residencyEndpoints.moveOut, { ...one, body: {}, reason: { code: "correction" } }),
    await operate.refused(residencyEndpoints.remove, { ...one, reason: { code: "move-out" } }),
    await operate.refused(residencyEndpoints.update, {
      ...one,
      body: { role: "tenant", dwellingId: site.dwellingIds[0], revision: residency.revision },
    }),
    await operate.refused(residencyEndpoints.update, {
      ...one,
      body: {
        role: "tenant",
        dwellingId: site.dwellingIds[1],
        until: server.clock.now() + 1_000,
        revision: residency.revision,
      },
    }),
    await operate.refused(personEndpoints.remove, { params: { id: personId } }),
  ];
  for (const each of refusals) {
    expect(each).toMatchObject({
      code: "resident-not-asked",
      detail: expect.stringContaining("asked first"),
    });
  }
  // With an account of their own, not even the desk's word that they asked is enough.
  await joinResident(server, operate, personId);
  expect(await operate.refused(residencyEndpoints.moveOut, { ...one, body: {}, reason })).toMatchObject({
    detail: "who lives here is asked first: ask them, and they answer in their own app",
  });
  expect(await operate.refused(personEndpoints.remove, { params: { id: personId }, reason })).toMatchObject({
    code: "resident-not-asked",
  });
});

test("who was asked and stays silent keeps access for 14 local days to the millisecond; then it ends, and deletion begins by itself", async () => {
  const silent = await tenant("沉默的租客");
  const state = await card(silent.personId);
  const { client } = await joinResident(server, await desk(), silent.personId);
  const asked = await ask(silent.residencyId);
  expect(asked).toMatchObject({
    state: "asked",
    toldBy: "app",
    graceUntil: MIDNIGHT_AFTER_14_DAYS,
    personName: "沉默的租客",
    home: "1号楼 102",
  });
  expect(await client.call(ownResidencyEndpoints.list)).toMatchObject({
    items: [{ id: silent.residencyId, end: { state: "asked", askedBy: "landlord", ground: GROUND } }],
  });
  expect(
    await (await desk()).refused(residencyEndEndpoints.ask, {
      params: { id: silent.residencyId },
      body: { askedBy: "household", ground: "再来一次" },
    }),
  ).toMatchObject({ code: "conflict" });

  server.clock.advance(Duration.ms(MIDNIGHT_AFTER_14_DAYS - 1 - server.clock.now()));
  await server.tidy();
  expect(await state()).toBe("active");
  server.clock.advance(Duration.ms(1));
  await server.tidy();
  expect(await state()).toBe("blocked");
  const one = { params: { id: silent.personId } };
  expect(await (await desk()).call(personEndpoints.get, one)).toMatchObject({
    removedAt: MIDNIGHT_AFTER_14_DAYS,
    residencies: [{ state: "past", until: MIDNIGHT_AFTER_14_DAYS }],
  });
  expect(await client.refused(residentEndpoints.me)).toMatchObject({ code: "not-signed-in" });

  server.clock.advance(Duration.hours(24 * 30 + 1));
  await server.tidy();
  expect(await (await desk()).refused(personEndpoints.get, one)).toMatchObject({ code: "not-found" });
});

test("an objection keeps access, however long, until the committee decides with a reason", async () => {
  const objector = await tenant("不同意的租客");
  const state = await card(objector.personId);
  const { client } = await joinResident(server, await desk(), objector.personId);
  const { id, graceUntil = 0 } = await ask(objector.residencyId, "household");
  const params = { id };
  const objection = "我付了房租，合同到明年六月";
  expect(
    await client.call(ownResidencyEndpoints.answer, { params, body: { answer: "object", objection } }),
  ).toMatchObject({ state: "objected", objection });
  server.clock.advance(Duration.hours(24 * 60));
  await server.tidy();
  expect(server.clock.now()).toBeGreaterThan(graceUntil);
  expect(await state()).toBe("active");

  // Whoever asked cannot decide, nor can whoever reads homes; a decision without a reason is none.
  const body = { outcome: "ends", reason: "法院判决书（2027）浙0105民初1号确认租赁关系解除" } as const;
  expect(await (await desk()).refused(residencyEndEndpoints.decide, { params, body })).toMatchObject({
    code: "wrong-duty",
  });
  const committee = await server.member("committee");
  expect(
    await committee.refused(residencyEndEndpoints.decide, {
      params,
      body: { outcome: "ends", reason: "同意" },
    }),
  ).toMatchObject({ code: "invalid-request" });
  const { items } = await committee.call(residencyEndEndpoints.list);
  expect(items).toMatchObject([{ id, objection, ground: GROUND, role: "tenant", home: "1号楼 102" }]);
  expect(items[0]).not.toHaveProperty("personName");
  const decided = await committee.call(residencyEndEndpoints.decide, { params, body });
  expect(decided).toMatchObject({ state: "ends", decisionReason: body.reason });
  // The end of the day after the decision, in the community's time zone.
  expect(new Date(decided.endsAt ?? 0).toISOString()).toMatch(/T16:00:00\.000Z$/);
  expect((decided.endsAt ?? 0) - server.clock.now()).toBeGreaterThan(Duration.hours(24));
  expect(await committee.refused(residencyEndEndpoints.decide, { params, body })).toMatchObject({
    code: "conflict",
  });
  server.clock.advance(Duration.hours(48));
  await server.tidy();
  expect(await state()).toBe("blocked");
});

test("a decision that somebody stays ends the question; a late answer is refused at the millisecond", async () => {
  const stays = await tenant("留下的租客");
  const { client } = await joinResident(server, await desk(), stays.personId);
  const first = await ask(stays.residencyId);
  server.clock.advance(Duration.ms((first.graceUntil ?? 0) - 1 - server.clock.now()));
  const object = { answer: "object", objection: "还住在这里" } as const;
  const session = await joinResident(server, await desk(), stays.personId);
  await session.client.call(ownResidencyEndpoints.answer, { params: { id: first.id }, body: object });
  const committee = await server.member("committee");
  await committee.call(residencyEndEndpoints.decide, {
    params: { id: first.id },
    body: { outcome: "stays", reason: "合同有效，房东未举证解除事由" },
  });
  const second = await ask(stays.residencyId);
  server.clock.advance(Duration.ms((second.graceUntil ?? 0) - server.clock.now()));
  const again = await joinResident(server, await desk(), stays.personId);
  expect(
    await again.client.refused(ownResidencyEndpoints.answer, { params: { id: second.id }, body: object }),
  ).toMatchObject({ code: "conflict", detail: "the 14 days to answer are over" });
  expect(client.cookie).toBeDefined();
});

test("without an account the days begin when the letter is handed over, and the paper answer counts", async () => {
  const onPaper = await tenant("没有手机的老人", "family");
  const state = await card(onPaper.personId);
  const asked = await ask(onPaper.residencyId, "household");
  expect(asked).not.toHaveProperty("graceUntil");
  server.clock.advance(Duration.hours(24 * 40));
  await server.tidy();
  expect(await state()).toBe("active");
  const params = { id: asked.id };
  const told = await (await desk()).call(residencyEndEndpoints.told, { params });
  expect((told.graceUntil ?? 0) - server.clock.now()).toBeGreaterThan(Duration.hours(24 * 14));
  expect(await (await desk()).refused(residencyEndEndpoints.told, { params })).toMatchObject({
    code: "conflict",
  });
  expect(
    await (await desk()).call(residencyEndEndpoints.answer, {
      params,
      body: { answer: "object", objection: "老人按手印：不同意搬走" },
      reason,
    }),
  ).toMatchObject({ state: "objected" });
  await (await desk()).call(residencyEndEndpoints.withdraw, { params });
  expect(await state()).toBe("active");
});

test("whoever leaves by themselves chooses the day, and can take it back until then", async () => {
  const leaver = await tenant("自己搬走的人");
  const other = await tenant("别人");
  const session = await joinResident(server, await desk(), leaver.personId);
  const { client } = session;
  const params = { id: leaver.residencyId };
  const signed = await session.signOnce((challenge, communityId) =>
    residencyEndTexts.leave(communityId, other.residencyId, 0, challenge),
  );
  const another = { params: { id: other.residencyId }, body: { inDays: 0, ...signed } };
  expect(await client.refused(ownResidencyEndpoints.leave, another)).toMatchObject({ code: "not-found" });
  const first = await leaveHome(session, leaver.residencyId, 3);
  expect(first).toMatchObject({ state: "agreed", askedBy: "resident" });
  const until = async () => (await (await desk()).call(residencyEndpoints.get, { params })).until;
  expect(await until()).toBe(first.endsAt);
  expect(await client.call(ownResidencyEndpoints.stay, { params: { id: first.id } })).toMatchObject({
    state: "withdrawn",
  });
  expect(await until()).toBeUndefined();
  const again = await leaveHome(session, leaver.residencyId);
  // Now the desk may do what it is there for: it was asked and answered.
  await (await desk()).call(residencyEndpoints.moveOut, { params, body: {} });
  server.clock.advance(Duration.ms((again.endsAt ?? 0) - server.clock.now()));
  await server.tidy();
  expect(
    (await (await desk()).call(personEndpoints.get, { params: { id: leaver.personId } })).removedAt,
  ).toBe(again.endsAt);
  const auditor = await server.member("auditor");
  const { items } = await auditor.call(changeEndpoints.list, { query: { entityId: leaver.residencyId } });
  expect(items.map(({ action }) => action)).toContain("residency.end-ended");
  expect(JSON.stringify(items)).not.toContain("自己搬走的人");
});

test("a session alone moves nobody out: their own key signs, for this, and once", async () => {
  const stays = await tenant("手机落在门卫室的人");
  const session = await joinResident(server, await desk(), stays.personId);
  const { client } = session;
  const params = { id: stays.residencyId };
  const sign = (inDays: number) =>
    session.signOnce((challenge, communityId) =>
      residencyEndTexts.leave(communityId, stays.residencyId, inDays, challenge),
    );
  const signed = await sign(30);
  for (const body of [
    { inDays: 30, ...signed, signature: "00".repeat(64) },
    { inDays: 0, ...signed },
    { inDays: 30, ...signed, challenge: "11".repeat(32) },
  ]) {
    expect(await client.refused(ownResidencyEndpoints.leave, { params, body })).toMatchObject({
      code: "key-refused",
    });
  }
  const left = await client.call(ownResidencyEndpoints.leave, { params, body: { inDays: 30, ...signed } });
  await client.call(ownResidencyEndpoints.stay, { params: { id: left.id } });
  expect(
    await client.refused(ownResidencyEndpoints.leave, { params, body: { inDays: 30, ...signed } }),
  ).toMatchObject({ code: "key-refused" });

  const { id } = await ask(stays.residencyId);
  const agreed = await session.signOnce((challenge, communityId) =>
    residencyEndTexts.agree(communityId, id, challenge),
  );
  const answer = { params: { id }, body: { answer: "agree" as const, ...agreed } };
  const leaving = { ...answer, body: { ...answer.body, ...(await sign(0)) } };
  expect(await client.refused(ownResidencyEndpoints.answer, leaving)).toMatchObject({ code: "key-refused" });
  expect(await client.call(ownResidencyEndpoints.answer, answer)).toMatchObject({ state: "agreed" });
});

test("an end that was set is asked about like any other: in time, and an objection keeps access", async () => {
  const until = server.clock.now() + 60 * 24 * 3_600_000;
  const stays = await tenant("租期将满的人", "tenant", until);
  const { client } = await joinResident(server, await desk(), stays.personId);
  const state = await card(stays.personId);
  await server.tidy();
  const own = async (by = client) => (await by.call(ownResidencyEndpoints.list)).items[0]?.end;
  expect(await own()).toBeUndefined();
  server.clock.advance(Duration.hours(24 * 45));
  await server.tidy();
  const again = await joinResident(server, await desk(), stays.personId);
  const asked = await own(again.client);
  expect(asked).toMatchObject({ state: "asked", askedBy: "term", toldBy: "app" });
  expect(asked?.graceUntil).toBeGreaterThanOrEqual(until);
  await again.client.call(ownResidencyEndpoints.answer, {
    params: { id: asked?.id ?? "" },
    body: { answer: "object", objection: "合同已经续签" },
  });
  server.clock.advance(Duration.hours(24 * 60));
  await server.tidy();
  expect(await state()).toBe("active");
});
