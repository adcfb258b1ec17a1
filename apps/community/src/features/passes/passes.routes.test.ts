import {
  credentialKeyOf,
  makePassMemory,
  orderVisitToken,
  readPassText,
  readVisitFragment,
  verifyVisitorPass,
  verifyVisitToken,
} from "@menshen/credentials";
import { blindRsaVerify, coseVerify1, fromHex, p256Sign, primitives, toHex } from "@menshen/crypto/node";
import { CommunityId, Duration, GateId, Instant, PortalId } from "@menshen/domain";
import {
  dwellingEndpoints,
  enrolResponse,
  evidenceEndpoints,
  gateEndpoints,
  isTokenKeyStatement,
  ownResidencyEndpoints,
  passesMessage,
  passSettingsEndpoints,
  passTexts,
  personEndpoints,
  residentEndpoints,
  residentPassEndpoints,
  type VisitorPassCreate,
  visitorPassEndpoints,
} from "@menshen/wire";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { TestGate } from "../../gate-link/testing/test-gate.ts";
import { leaveHome, type TestResident } from "../../testing/test-resident.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { selectVisited } from "../opening/visited.store.ts";
import { makePassWorld } from "./passes.fixture.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const { operate } = site;
const gate = await TestGate.make(GateId(site.gateId));
const { community } = await server.visitor().call(residentEndpoints.session);
const communityId = CommunityId(community.id);
const reason = { code: "resident-request" } as const;
const HOUR_MS = 3_600_000;

const { joined, newPerson, makePhone, newest, told, phonesInKeyring, foundBy } = makePassWorld({
  server,
  operate,
  gate,
  communityId,
});
let grandma: TestResident;
let tenant: TestResident;

beforeAll(async () => {
  const { code, enrolUrl } = await site.secure.call(gateEndpoints.enrolmentCode, {
    params: { id: site.gateId },
  });
  gate.enrolment = enrolResponse.decode((await gate.enrol(server, enrolUrl, code)).body);
  await gate.connect(server);
  await gate.sayHello();
  grandma = await joined(site.resident.personId);
  tenant = await joined(await newPerson("孙女士", "tenant", site.dwellingIds[1]));
});

describe("a phone pass", () => {
  const { doors, enrolPhonePass, phonePasses, removePhonePass } = residentPassEndpoints;

  test("is for the doors on one's own paths, the same for owners, tenants and family", async () => {
    const { northIn, northOut, houseIn, houseOut } = site.points;
    const family = await joined(await newPerson("小明", "family", site.dwellingIds[0]));
    for (const { client } of [grandma, tenant, family]) {
      const answer = await client.call(doors);
      expect(answer).toEqual({
        communityId: community.id,
        visits: { on: true, longestS: 604_800 },
        doors: expect.arrayContaining([
          {
            portalId: site.portals.north,
            name: "北门",
            doorGroup: 1,
            accessPointIds: [northIn, northOut].toSorted(),
          },
          {
            portalId: site.portals.house,
            name: "1号楼大门",
            doorGroup: 1,
            accessPointIds: [houseIn, houseOut].toSorted(),
          },
        ]),
      });
      expect(answer.doors).toHaveLength(2);
    }
    expect(await operate.refused(doors)).toMatchObject({ code: "not-signed-in" });
  });

  test("is made by whoever holds the key, and reaches gates and the home's numbers in the log", async () => {
    const phone = makePhone(grandma.personId);
    const made = await grandma.client.call(enrolPhonePass, { body: phone.enrolment });
    expect(made).toEqual({
      credentialKey: phone.credentialKey,
      label: "我的手机",
      enrolledAt: server.clock.now(),
      state: "active",
      log: "on-its-way",
    });
    await eventually("the phone's key", async () => (await phonesInKeyring()).includes(phone.credentialKey));
    expect((await foundBy(grandma)).at(-1)).toMatchObject({ issued: 1, ended: 0 });
    const { items } = await grandma.client.call(phonePasses);
    expect(items).toMatchObject([{ credentialKey: phone.credentialKey, log: "published" }]);
    expect((await tenant.client.call(phonePasses)).items).toEqual([]);

    const params = { credentialKey: phone.credentialKey };
    expect(await tenant.client.refused(removePhonePass, { params })).toMatchObject({ code: "not-found" });
    await grandma.client.call(removePhonePass, { params });
    expect((await grandma.client.call(phonePasses)).items).toEqual([]);
    await eventually("no key", async () => !(await phonesInKeyring()).includes(phone.credentialKey));
    expect((await foundBy(grandma)).at(-1)).toMatchObject({ issued: 1, ended: 1 });
    // Ended for good: the same key begins no second life.
    expect(await grandma.client.refused(enrolPhonePass, { body: phone.enrolment })).toMatchObject({
      code: "conflict",
    });
  });

  test("is refused to whom the key did not sign for: a proof serves one person only", async () => {
    const phone = makePhone(grandma.personId);
    expect(await tenant.client.refused(enrolPhonePass, { body: phone.enrolment })).toMatchObject({
      code: "key-refused",
    });
    const other = makePhone(tenant.personId);
    const mixed = { ...phone.enrolment, proof: other.enrolment.proof };
    expect(await tenant.client.refused(enrolPhonePass, { body: mixed })).toMatchObject({
      code: "key-refused",
    });
    // x, y of no point of the curve.
    const nowhere = { ...phone.enrolment, publicKey: `04${"11".repeat(64)}` };
    expect(await grandma.client.refused(enrolPhonePass, { body: nowhere })).toMatchObject({
      code: "key-refused",
    });
    const taken = await grandma.client.call(enrolPhonePass, { body: phone.enrolment });
    const proof = toHex(p256Sign(phone.key.secretKey, passTexts.enrol(tenant.personId, phone.key.publicKey)));
    expect(
      await tenant.client.refused(enrolPhonePass, { body: { ...phone.enrolment, proof } }),
    ).toMatchObject({ code: "conflict" });
    await grandma.client.call(removePhonePass, { params: { credentialKey: taken.credentialKey } });
  });

  test("takes no bytes for a key that are none, whatever they are", async () => {
    const family = await joined(await newPerson("家人", "family", site.dwellingIds[0]));
    const hex = (lengthBytes: number) =>
      fc.uint8Array({ minLength: lengthBytes, maxLength: lengthBytes }).map((bytes) => toHex(bytes));
    await fc.assert(
      fc.asyncProperty(hex(65), hex(64), async (publicKey, proof) => {
        const body = { publicKey, proof, label: "x" };
        const { code } = await family.client.refused(enrolPhonePass, { body });
        expect(["key-refused", "rate-limited"]).toContain(code);
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 20) },
    );
  });

  test("is one of four at most", async () => {
    const person = await joined(await newPerson("手机多", "tenant", site.dwellingIds[1]));
    for (let n = 0; n < 4; n += 1) {
      await person.client.call(enrolPhonePass, { body: makePhone(person.personId).enrolment });
    }
    const fifth = { body: makePhone(person.personId).enrolment };
    expect(await person.client.refused(enrolPhonePass, fifth)).toMatchObject({ code: "conflict" });
    const [first] = (await person.client.call(phonePasses)).items;
    await person.client.call(removePhonePass, { params: { credentialKey: first?.credentialKey ?? "" } });
    await person.client.call(enrolPhonePass, fifth);
  });

  test("takes back a visitor pass of its own, and gates hear of it; nobody else's", async () => {
    const { revokeVisitorPass } = residentPassEndpoints;
    const phone = makePhone(grandma.personId);
    await grandma.client.call(enrolPhonePass, { body: phone.enrolment });
    const until = server.clock.now() + HOUR_MS;
    const passId = "0102030405060708";
    const body = phone.revocation(passId, until);
    expect(await tenant.client.refused(revokeVisitorPass, { body })).toMatchObject({ code: "not-found" });
    const foreign = makePhone(grandma.personId).revocation(passId, until);
    for (const wrong of [
      { ...body, signature: foreign.signature },
      { ...body, passId: "0102030405060709" },
      { ...body, until: until + 1 },
    ]) {
      expect(await grandma.client.refused(revokeVisitorPass, { body: wrong })).toMatchObject({
        code: "key-refused",
      });
    }
    const never = phone.revocation(passId, until + 400 * 24 * HOUR_MS);
    expect(await grandma.client.refused(revokeVisitorPass, { body: never })).toMatchObject({
      code: "invalid-request",
    });
    expect((await told()).revoked).toEqual([]);
    await grandma.client.call(revokeVisitorPass, { body });
    const revoked = await eventually("revocation", async () => (await told()).revoked[0]);
    expect(revoked).toEqual({
      passId: fromHex(passId),
      until,
      delegate: fromHex(phone.credentialKey),
    });
    // The same once more changes nothing.
    await grandma.client.call(revokeVisitorPass, { body });
    expect((await told()).revoked).toHaveLength(1);
  });
});

describe("a visitor pass of the desk", () => {
  const { create, list, revoke } = visitorPassEndpoints;
  const params = { id: site.dwellingIds[0] };
  const terms = (changes: Partial<VisitorPassCreate> = {}): VisitorPassCreate => ({
    purpose: "visitor",
    portalIds: [site.portals.north],
    notBefore: server.clock.now(),
    notAfter: server.clock.now() + 2 * HOUR_MS,
    uses: 2,
    ...changes,
  });

  test("opens the home's doors, is found by those at home, and ends when it is taken back", async () => {
    const before = (await foundBy(grandma)).length;
    const issued = await operate.call(create, { params, body: terms(), reason });
    const { pass, text, link } = issued;
    expect(pass).toMatchObject({ state: "active", log: "on-its-way", purpose: "visitor", uses: 2 });
    expect(issued.residentIds).toContain(grandma.personId);

    const fragment = readVisitFragment(link.split("#")[1] ?? "");
    expect(link.split("#")[0]).toBe("http://localhost:8080/public/visit");
    expect(fragment).toMatchObject({
      note: { community: "海棠苑", timeZone: "Asia/Shanghai", doors: ["北门"] },
    });
    const read = readPassText(text);
    expect(read?.message).toEqual(fragment?.pass.message);

    const document = await eventually("the pass", async () => {
      const now = await told();
      return now.deskPasses.length === 1 ? now : undefined;
    });
    expect(document.deskPasses).toEqual([
      {
        passId: fromHex(pass.passId),
        until: pass.notAfter,
        accessPointIds: [site.points.northIn, site.points.northOut].toSorted(),
      },
    ]);
    const now = Instant(server.clock.now() + 1_000);
    expect(
      verifyVisitorPass(read?.message ?? new Uint8Array(), {
        primitives: { ...primitives, coseVerify1 },
        communityId,
        portalId: PortalId(site.portals.north),
        now: { earliest: now, latest: now },
        localTime: () => undefined,
        communityKey: { alg: "EdDSA", publicKey: document.communityKey },
        delegationOf: () => undefined,
        isRevoked: () => false,
        uses: { take: () => true },
      }),
    ).toMatchObject({ verified: true, purpose: "visitor" });

    // An entry that is opened by the law's path leads to the home.
    const key = credentialKeyOf(primitives, "pass", fromHex(pass.passId));
    expect(await selectVisited(server.db, key)).toMatchObject({ dwelling: "1号楼 101" });
    expect(await selectVisited(server.db, key.slice().reverse())).toBeUndefined();

    const found = await foundBy(grandma);
    expect(found).toHaveLength(before + 1);
    expect(found.at(-1)).toMatchObject({ issued: 1, ended: 0 });
    expect(found.at(-1)?.visit).toEqual({
      purpose: "visitor",
      from: pass.notBefore,
      until: pass.notAfter,
    });
    const listed = await operate.call(list, { params });
    expect(listed.items).toMatchObject([{ passId: pass.passId, log: "published" }]);
    expect(listed.doors.map(({ name }) => name).toSorted()).toEqual(["1号楼大门", "北门"]);
    expect(listed.longestS).toBe(604_800);

    await operate.call(revoke, { params: { passId: pass.passId }, reason });
    await eventually("no pass", async () => (await told()).deskPasses.length === 0);
    expect((await foundBy(grandma)).at(-1)).toMatchObject({ issued: 1, ended: 1 });
    expect((await operate.call(list, { params })).items).toMatchObject([{ state: "revoked" }]);
    await operate.call(revoke, { params: { passId: pass.passId }, reason });
    expect((await foundBy(grandma)).at(-1)).toMatchObject({ issued: 1, ended: 1 });
  });

  test("is refused for doors and times that are none, and to whom it is none of their work", async () => {
    const now = server.clock.now();
    const wrong: Partial<VisitorPassCreate>[] = [
      { portalIds: ["7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11"] },
      { notAfter: now - 1 },
      { notBefore: now + HOUR_MS, notAfter: now + HOUR_MS - 2_000 },
      { notAfter: now + 8 * 24 * HOUR_MS },
      { notBefore: now + 400 * 24 * HOUR_MS, notAfter: now + 400 * 24 * HOUR_MS + HOUR_MS },
      { windows: [{ startMinute: 600, endMinute: 600 }] },
      { uses: 0 },
      { portalIds: [] },
    ];
    for (const changes of wrong) {
      expect(await operate.refused(create, { params, body: terms(changes), reason })).toMatchObject({
        code: "invalid-request",
      });
    }
    expect(await operate.refused(create, { params, body: terms() })).toMatchObject({
      code: "reason-required",
    });
    expect(await operate.refused(list, { params, viewReason: null })).toMatchObject({
      code: "view-reason-required",
    });
    const guard = await server.member("guard");
    expect(await guard.refused(create, { params, body: terms(), reason })).toMatchObject({
      code: "forbidden",
    });
    const unknown = { passId: "ffffffffffffffff" };
    expect(await operate.refused(revoke, { params: unknown, reason })).toMatchObject({ code: "not-found" });
    const empty = await operate.call(dwellingEndpoints.create, {
      body: { buildingId: site.buildingId, name: "空房" },
    });
    expect(await operate.refused(create, { params: { id: empty.id }, body: terms(), reason })).toMatchObject({
      code: "conflict",
    });
  });

  test("is ended in the log when its time is over", async () => {
    const soon = terms({ notAfter: server.clock.now() + 1_000 });
    await operate.call(create, { params, body: soon, reason });
    expect((await foundBy(grandma)).at(-1)).toMatchObject({ issued: 1, ended: 0 });
    server.clock.advance(Duration.seconds(2));
    await server.tidy();
    expect((await foundBy(grandma)).at(-1)).toMatchObject({ issued: 1, ended: 1 });
  });
});

describe("a one-time token", () => {
  const { signToken, tokenKeys } = residentPassEndpoints;
  const given = async (resident: TestResident) => (await resident.client.call(tokenKeys)).leftToday;

  /** Keys are made, and shown once the log has published them. */
  async function keys() {
    await server.passes.review();
    await server.logRunner.settle();
    await server.passes.prove();
    return (await grandma.client.call(tokenKeys)).items;
  }

  test("is signed unseen, opens, and is counted by person and day alone", async () => {
    expect((await grandma.client.call(tokenKeys)).items).toEqual([]);
    const [today, tomorrow, ...more] = await keys();
    if (today === undefined) throw new Error("expected a key");
    expect(more).toEqual([]);
    expect(tomorrow?.from).toBe(today.until);
    const now = server.clock.now();
    expect(today.from <= now && now < today.until).toBe(true);
    expect(isTokenKeyStatement(today.evidence.statement, today)).toBe(true);
    const { items: statements } = await server.visitor().call(evidenceEndpoints.statements, {
      query: { topic: "token-key-issued" },
    });
    expect(statements).toHaveLength(2);

    const publicKey = fromHex(today.publicKey);
    const order = orderVisitToken({ primitives, communityId, publicKey });
    const body = { keyId: today.keyId, blinded: toHex(order.blinded) };
    const { blindSignature } = await grandma.client.call(signToken, { body });
    const token = order.finish(fromHex(blindSignature)) ?? new Uint8Array();
    const toldKeys = await eventually("token keys", async () => {
      const document = passesMessage.decode(newest("passes"));
      return document.tokenKeys.length === 2 ? document.tokenKeys : undefined;
    });
    const key = toldKeys.find((one) => one.from === today.from);
    const at = Instant(now);
    expect(
      verifyVisitToken(token, {
        primitives: { ...primitives, blindRsaVerify },
        communityId,
        doorGroup: 1,
        now: { earliest: at, latest: at },
        keyOf: () => key,
        spent: makePassMemory(Instant(0)),
      }),
    ).toMatchObject({ verified: true });
    expect(await given(grandma)).toBe(2);
    expect(await given(tenant)).toBe(3);
    const { rows } = await server.pool.query("select * from token_count");
    expect(rows).toEqual([{ person_id: grandma.personId, day: expect.any(Date), given: 1 }]);
  });

  test("is refused beyond the day's number, and for what is no number of the key", async () => {
    const [today] = await keys();
    if (today === undefined) throw new Error("expected a key");
    const { keyId } = today;
    const order = () =>
      toHex(orderVisitToken({ primitives, communityId, publicKey: fromHex(today.publicKey) }).blinded);
    for (const blinded of ["ff".repeat(256), "00".repeat(257)]) {
      expect(await tenant.client.refused(signToken, { body: { keyId, blinded } })).toMatchObject({
        code: "invalid-request",
      });
    }
    const unknown = { keyId: "0000000000000000", blinded: order() };
    expect(await tenant.client.refused(signToken, { body: unknown })).toMatchObject({ code: "conflict" });
    // What was refused was not counted.
    expect(await given(tenant)).toBe(3);
    for (let n = 0; n < 3; n += 1) {
      await tenant.client.call(signToken, { body: { keyId, blinded: order() } });
    }
    expect(await tenant.client.refused(signToken, { body: { keyId, blinded: order() } })).toMatchObject({
      status: 429,
      code: "rate-limited",
    });
    await server.pool.query("update token_key set signed = quota where key_id = $1", [
      Buffer.from(keyId, "hex"),
    ]);
    expect(await grandma.client.refused(signToken, { body: { keyId, blinded: order() } })).toMatchObject({
      code: "conflict",
    });
  });
});

test("what residents may give is set by who sets rules, with a reason, and stands in the log", async () => {
  const { get, change } = passSettingsEndpoints;
  const before = await operate.call(get);
  expect(before).toEqual({
    visitsOn: true,
    longestVisitS: 604_800,
    tokensPerDay: 3,
    tokenKeyQuota: 200,
    revision: 1,
  });
  const body = { ...before, visitsOn: false, longestVisitS: 86_400 };
  expect(await operate.refused(change, { body })).toMatchObject({ code: "reason-required" });
  const desk = await server.member("desk");
  expect(await desk.refused(change, { body, reason })).toMatchObject({ code: "forbidden" });
  expect(await operate.call(change, { body, reason })).toEqual({ ...body, revision: 2 });
  expect(await operate.refused(change, { body, reason })).toMatchObject({ code: "stale-revision" });
  await eventually("settings", async () => (await told()).visits.longestS === 86_400);
  expect((await told()).visits).toEqual({ on: false, longestS: 86_400 });
  await server.logRunner.settle();
  const { items } = await server.visitor().call(evidenceEndpoints.statements, {
    query: { topic: "settings-changed" },
  });
  expect(items.map(({ statement }): string => JSON.parse(statement).setting).toSorted()).toEqual([
    "longest-visitor-pass-s",
    "visitor-passes-of-residents",
  ]);
});

test("who moves out has no phone pass any more; a home that stands empty takes its visitor passes along", async () => {
  const lonely = await operate.call(dwellingEndpoints.create, {
    body: { buildingId: site.buildingId, name: "103" },
  });
  const person = await joined(await newPerson("周先生", "tenant", lonely.id));
  const phone = makePhone(person.personId);
  await person.client.call(residentPassEndpoints.enrolPhonePass, { body: phone.enrolment });
  await eventually("the phone's key", async () => (await phonesInKeyring()).includes(phone.credentialKey));
  const now = server.clock.now();
  const { pass } = await operate.call(visitorPassEndpoints.create, {
    params: { id: lonely.id },
    body: { purpose: "delivery", portalIds: [site.portals.house], notBefore: now, notAfter: now + HOUR_MS },
    reason,
  });
  await eventually("the pass", async () => (await told()).deskPasses.length === 1);
  const own = await person.client.call(ownResidencyEndpoints.list);
  for (const { id } of own.items) await leaveHome(person, id);
  await operate.call(personEndpoints.remove, {
    params: { id: person.personId },
    reason: { code: "move-out" },
  });
  await eventually("no key", async () => !(await phonesInKeyring()).includes(phone.credentialKey));
  await eventually("no pass", async () => (await told()).deskPasses.length === 0);
  const { rows } = await server.pool.query("select ended_at from credential_leaf where pass_id = $1", [
    Buffer.from(pass.passId, "hex"),
  ]);
  expect(rows).toEqual([{ ended_at: expect.any(Date) }]);
});

test("a day's key is destroyed when the day is over", async () => {
  const count = async () => (await server.pool.query("select 1 from keys.token_key")).rows.length;
  expect(await count()).toBe(2);
  const { rows: before } = await server.pool.query("select sealed from keys.token_key order by sealed");
  server.clock.advance(Duration.hours(24));
  await server.passes.review();
  expect(await count()).toBe(2);
  server.clock.advance(Duration.hours(48));
  await server.passes.review();
  const { rows: after } = await server.pool.query("select sealed from keys.token_key");
  for (const { sealed } of before) expect(after).not.toContainEqual({ sealed });
  expect((await server.pool.query("select 1 from token_count")).rows).toEqual([]);
});
