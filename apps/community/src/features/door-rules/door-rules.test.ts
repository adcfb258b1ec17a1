import { hpkeOpen, toHex } from "@menshen/crypto/node";
import { AccessPointId, AreaId, Duration, DwellingId, Instant } from "@menshen/domain";
import { publicKeySha256 } from "@menshen/trust";
import {
  type AreaRulesSet,
  accessPointEndpoints,
  areaEndpoints,
  buildingEndpoints,
  changeEndpoints,
  commandEndpoints,
  commandMessage,
  credentialEndpoints,
  doorRulesEndpoints,
  doorRulesMessage,
  dwellingEndpoints,
  externalAad,
  gateEndpoints,
  keyring,
  type PortalRulesSet,
  type PresenceReport,
  personEndpoints,
  portalEndpoints,
  presenceEndpoints,
  presenceReport,
  ruleEndpoints,
  sealedKeyring,
  shiftEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import type { TestGate } from "../../gate-link/testing/test-gate.ts";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const { secure, operate } = site;
const guard = await server.member("guard");
const auditor = await server.member("auditor");
const { gate } = await connectGate(server, site);
const second = await secure.call(gateEndpoints.create, { body: { name: "侧门控制器", doorGroup: 2 } });
const { gate: other } = await connectGate(server, { ...site, gateId: second.id });

const off = {
  counted: false,
  antiPassback: "off",
  countsOnlyConfirmed: false,
  whenApart: "admit",
  staffFirst: false,
  twoPersons: false,
} as const;
const plain = { turnstile: false, plate: false } as const;
const setArea = (areaId: string, body: AreaRulesSet) => ({ params: { areaId }, body });
const setPortal = (portalId: string, body: PortalRulesSet) => ({ params: { portalId }, body });

// A side yard that no resident needs, with a door of the second gate.
const side = await secure.call(areaEndpoints.create, { body: { name: "侧院", staffOnly: false } });
const sideDoor = await secure.call(portalEndpoints.create, {
  body: { gateId: second.id, name: "侧门", unlockMs: 5_000, heldOpenLimitMs: 30_000 },
});
const point = (name: string, fromAreaId: string, toAreaId: string) =>
  secure.call(accessPointEndpoints.create, {
    body: { portalId: sideDoor.id, name, fromAreaId, toAreaId, minimumGrade: "D" },
  });
const sideIn = await point("侧门进", site.groundsAreaId, side.id);

/** What a gate was last told of a kind, as it opens it. */
function last(to: TestGate, kind: "door-rules" | "keyring"): Uint8Array | undefined {
  const received = to.received.findLast((message) => message.kind === kind);
  return received && to.open(received);
}
async function rulesAt(to: TestGate, when: (rules: ReturnType<typeof doorRulesMessage.decode>) => boolean) {
  return eventually("door rules", () => {
    const bytes = last(to, "door-rules");
    const rules = bytes && doorRulesMessage.decode(bytes);
    return rules !== undefined && when(rules) ? rules : undefined;
  });
}
async function holdersAt(to: TestGate) {
  const { encapsulatedKey, ciphertext } = sealedKeyring.decode(last(to, "keyring") ?? new Uint8Array());
  const info = externalAad("keyring");
  const bytes = await hpkeOpen({ key: to.sealingKey, enc: encapsulatedKey, ciphertext, info });
  return keyring.decode(bytes ?? new Uint8Array()).holders ?? [];
}

test("what was never set is off, and a rule is set once for each reading", async () => {
  const rules = await guard.call(doorRulesEndpoints.get);
  expect(rules).toMatchObject({ presenceHours: 24, tellsAtDoor: true, revision: 1 });
  expect(rules.areas.find(({ areaId }) => areaId === side.id)).toEqual({
    areaId: side.id,
    areaName: "侧院",
    revision: 1,
    ...off,
  });
  expect(rules.areas.map(({ areaId }) => areaId)).not.toContain(site.outsideAreaId);
  expect(rules.sites.map((one) => [one.gateName, one.host])).toEqual([
    ["北门控制器", undefined],
    ["侧门控制器", undefined],
  ]);
  const soft = setArea(site.lobbyAreaId, { ...off, antiPassback: "soft", revision: 1 });
  expect(await guard.refused(doorRulesEndpoints.setArea, soft)).toMatchObject({ code: "wrong-duty" });
  expect(await secure.call(doorRulesEndpoints.setArea, soft)).toMatchObject({
    areaName: "1号楼门厅",
    antiPassback: "soft",
    revision: 2,
  });
  expect(await secure.refused(doorRulesEndpoints.setArea, soft)).toMatchObject({ code: "stale-revision" });
  for (const wrong of [
    { antiPassback: "timed" as const },
    { timedMs: 60_000 },
    { twoPersons: true, occupancyLimit: 1 },
  ]) {
    const body = { ...off, ...wrong, revision: 2 };
    expect(await secure.refused(doorRulesEndpoints.setArea, setArea(site.lobbyAreaId, body))).toMatchObject({
      code: "invalid-request",
    });
  }
  const both = { ...plain, twoPersonWithinMs: 10_000, doubleTapHold: { withinMs: 2_000, forMs: 60_000 } };
  expect(
    await secure.refused(doorRulesEndpoints.setPortal, setPortal(sideDoor.id, { ...both, revision: 1 })),
  ).toMatchObject({ code: "invalid-request" });
  const { items } = await auditor.call(changeEndpoints.list, { query: { action: "area-rule.changed" } });
  expect(items[0]).toMatchObject({ before: { antiPassback: "off" }, after: { antiPassback: "soft" } });
});

test("nothing that refuses stands on a resident's only path, nor where nobody is seen to leave", async () => {
  const hard = { ...off, antiPassback: "hard" as const, revision: 2 };
  const problem = await secure.refused(doorRulesEndpoints.setArea, setArea(site.lobbyAreaId, hard));
  expect(problem).toMatchObject({
    status: 409,
    code: "only-path",
    detail: "residents have no other way: 1号楼大门",
    violations: [{ problem: "no-way", direction: "in", buildingName: "1号楼", personCount: 1 }],
  });
  const two = { ...plain, twoPersonWithinMs: 10_000, revision: 1 };
  expect(
    await secure.refused(doorRulesEndpoints.setPortal, setPortal(site.portals.north, two)),
  ).toMatchObject({ code: "only-path" });
  const hardSide = setArea(side.id, { ...off, antiPassback: "hard", occupancyLimit: 2, revision: 1 });
  expect(await secure.refused(doorRulesEndpoints.setArea, hardSide)).toMatchObject({
    code: "conflict",
    detail: "侧院: nobody is seen to leave by 侧门: this takes a reader on the way out there",
  });
  await point("侧门出", side.id, site.groundsAreaId);
  expect(await secure.call(doorRulesEndpoints.setArea, hardSide)).toMatchObject({ revision: 2 });
  // And no later change makes it the only path.
  const { id, name, revision } = await operate.call(buildingEndpoints.get, {
    params: { id: site.buildingId },
  });
  const rule = await operate.call(ruleEndpoints.get, { params: { id: site.ruleId } });
  await operate.call(ruleEndpoints.update, {
    params: { id: site.ruleId },
    body: {
      name: rule.name,
      who: rule.who,
      where: { areaIds: [...(rule.where.areaIds ?? []), side.id] },
      minimumGrade: "D",
      validity: {},
      revision: rule.revision,
    },
  });
  const moved = { params: { id }, body: { name, areaId: side.id, revision } };
  expect(await operate.refused(buildingEndpoints.update, moved)).toMatchObject({ code: "only-path" });
});

test("somebody who moves in where a rule could keep them out is let in on paper, and the rule is a finding", async () => {
  const building = await operate.call(buildingEndpoints.create, { body: { name: "侧楼", areaId: side.id } });
  const dwelling = await operate.call(dwellingEndpoints.create, {
    body: { buildingId: building.id, name: "侧楼 1" },
  });
  const found = async () =>
    (await operate.call(gateEndpoints.health)).items.filter(({ code }) => code === "door-rule-only-path");
  expect(await found()).toEqual([]);
  const person = await operate.call(personEndpoints.create, {
    body: { displayName: "新住户", residency: { role: "tenant", dwellingId: dwelling.id } },
  });
  const finding = await eventually("the finding", async () => (await found())[0]);
  expect(finding).toMatchObject({
    severity: "fault",
    values: { problem: "no-way", direction: "in", persons: 1, buildingId: building.id },
  });
  await operate.call(personEndpoints.remove, {
    params: { id: person.id },
    reason: { code: "correction" },
  });
  await eventually("no finding", async () => ((await found()).length === 0 ? true : undefined));
});

test("gates get the rules, their peers with keys, and who is who in this epoch", async () => {
  const pin = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "pin", personId: site.resident.personId, dwellingId: site.dwellingIds[0] },
  });
  expect(pin.credential.kind).toBe("pin");
  const address = (gateId: string, port: number) => ({
    params: { gateId },
    body: { host: "127.0.0.1", port, revision: 1 },
  });
  expect(
    await secure.refused(doorRulesEndpoints.setSite, {
      params: { gateId: second.id },
      body: { host: "127.0.0.1", revision: 1 },
    }),
  ).toMatchObject({ code: "invalid-request" });
  await secure.call(doorRulesEndpoints.setSite, address(site.gateId, 4_001));
  await secure.call(doorRulesEndpoints.setSite, address(second.id, 4_002));
  const interlock = setPortal(sideDoor.id, { ...plain, interlockGroup: 3, turnstile: true, revision: 1 });
  await secure.call(doorRulesEndpoints.setPortal, interlock);
  const rules = await rulesAt(
    other,
    ({ peers, portals }) => peers.length === 1 && portals[0]?.interlockGroup === 3,
  );
  expect(rules).toMatchObject({
    gateId: second.id,
    outsideAreaId: site.outsideAreaId,
    presenceHours: 24,
    portals: [{ portalId: sideDoor.id, interlockGroup: 3, turnstile: { confirm: "contact" }, plate: false }],
    peers: [{ gateId: site.gateId, host: "127.0.0.1", port: 4_001 }],
  });
  expect(toHex(rules.peers[0]?.keySha256 ?? new Uint8Array())).toBe(
    toHex(publicKeySha256({ alg: "ES256", publicKey: gate.key.publicKey })),
  );
  expect(new Map(rules.areas.map((area) => [area.areaId as string, area]))).toEqual(
    new Map([
      [site.lobbyAreaId, expect.objectContaining({ antiPassback: "soft" })],
      [side.id, expect.objectContaining({ antiPassback: "hard", occupancyLimit: 2 })],
    ]),
  );
  expect(rules.accessPoints.find(({ id }) => id === sideIn.id)).toMatchObject({
    gateId: second.id,
    fromAreaId: site.groundsAreaId,
    toAreaId: side.id,
  });

  const contractor = await operate.call(personEndpoints.create, { body: { displayName: "电工" } });
  const card = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "desfire", identifier: "04112233445566", personId: contractor.id },
  });
  expect(card.credential.kind).toBe("desfire");
  // Card and PIN of one person, which may reach the gate one after the other.
  const own = await eventually("holders", async () => {
    const found = (await holdersAt(gate)).filter(({ dwellingId }) => dwellingId === site.dwellingIds[0]);
    return found.length > 1 ? found : undefined;
  });
  expect(own).toHaveLength(2);
  expect(new Set(own.map(({ holder }) => toHex(holder))).size).toBe(1);
  expect(own[0]).toMatchObject({ isStaff: false, needsEscort: false, role: "owner" });
});

test("a guard forgives a person: one gate hears their token, and nobody reads who it was", async () => {
  const reason = { code: "emergency" } as const;
  const body = { personId: site.resident.personId };
  const command = await guard.call(commandEndpoints.forgive, { body, reason });
  expect(command).toMatchObject({ kind: "forgive" });
  const holder = (await holdersAt(gate)).find(({ dwellingId }) => dwellingId === site.dwellingIds[0])?.holder;
  const told = await eventually("told", () =>
    [gate, other]
      .flatMap((one) => one.received.filter(({ kind }) => kind === "command").map((m) => one.open(m)))
      .map((bytes) => commandMessage.decode(bytes))
      .find(({ kind }) => kind === "forgive"),
  );
  expect(toHex(told.holder ?? new Uint8Array())).toBe(toHex(holder ?? new Uint8Array(1)));
  const { items } = await auditor.call(changeEndpoints.list, { query: { action: "command.given" } });
  expect(JSON.stringify(items)).not.toContain(site.resident.personId);
  const absent = { personId: "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11" };
  expect(await guard.refused(commandEndpoints.forgive, { body: absent, reason })).toMatchObject({
    code: "not-found",
  });
});

test("what gates say of persons is shown and never stored", async () => {
  const desk = await server.member("desk");
  const area = (persons: number, apart = false) => ({ areaId: AreaId(side.id), persons, apart });
  const say = async (from: TestGate, report: Partial<PresenceReport>) =>
    from.send(
      "presence",
      presenceReport.encode({ version: 1, gateId: from.gateId, areas: [], atDoor: [], ...report }),
    );
  const at = server.clock.now();
  const tap = {
    dwellingId: DwellingId(site.dwellingIds[0]),
    role: "owner",
    sequence: 7,
    at,
    accessPointId: AccessPointId(sideIn.id),
  } as const;
  await say(other, { areas: [area(2)], atDoor: [tap] });
  expect(await guard.call(presenceEndpoints.counts)).toMatchObject({
    areas: [{ areaName: "侧院", persons: 2, occupancyLimit: 2, apart: false, fresh: true }],
    muster: false,
  });
  await say(gate, { areas: [area(5, true)] });
  expect((await guard.call(presenceEndpoints.counts)).areas).toMatchObject([{ persons: 5, apart: true }]);

  expect(await guard.refused(presenceEndpoints.atDoor)).toMatchObject({ code: "conflict" });
  expect(await desk.refused(presenceEndpoints.muster)).toMatchObject({ status: 403 });
  await guard.call(shiftEndpoints.open);
  expect(await guard.call(presenceEndpoints.muster)).toEqual({ lines: [] });
  expect(await guard.call(presenceEndpoints.atDoor)).toEqual({
    items: [
      {
        gateId: second.id,
        sequence: 7,
        at,
        accessPointId: sideIn.id,
        dwellingName: "1号楼 101",
        role: "owner",
      },
    ],
  });
  await say(other, {
    areas: [area(2)],
    muster: [
      { dwellingId: DwellingId(site.dwellingIds[1]), role: "tenant", areaId: AreaId(side.id), persons: 1 },
      { areaId: AreaId(side.id), persons: 1 },
    ],
  });
  expect(await guard.call(presenceEndpoints.muster)).toEqual({
    lines: [
      { areaId: side.id, areaName: "侧院", dwellingName: "1号楼 102", role: "tenant", persons: 1 },
      { areaId: side.id, areaName: "侧院", persons: 1 },
    ],
  });
  const { items } = await auditor.call(changeEndpoints.list, { query: { action: "presence.seen" } });
  expect(items).toHaveLength(1);
  server.clock.advance(Duration.minutes(10));
  expect(await guard.call(presenceEndpoints.counts)).toEqual({ areas: [], muster: false });
  expect(await guard.call(presenceEndpoints.atDoor)).toEqual({ items: [] });
});

test("the next epoch calls everybody otherwise, and what joined them is gone", async () => {
  const before = (await holdersAt(gate)).find(({ dwellingId }) => dwellingId === site.dwellingIds[0]);

  server.clock.advance(Duration.days(28));
  await server.tidy();
  const after = await eventually("the next epoch's", async () => {
    const all = await holdersAt(gate);
    const next = all.find(({ dwellingId }) => dwellingId === site.dwellingIds[0]);
    return next && toHex(next.holder) !== toHex(before?.holder ?? new Uint8Array()) ? next : undefined;
  });
  expect(after.holder).toHaveLength(8);
  const secrets = await server.db.selectFrom("keys.holder_secret").select("epoch").execute();
  expect(secrets).toEqual([{ epoch: 2 }]);
});
