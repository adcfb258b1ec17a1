import {
  AccessCapability,
  ALIRO_ELEMENTS,
  checkAccessDocument,
  checkReaderCertificate,
  checkRevocationDocument,
  credentialKeyOf,
  encodeDeviceResponse,
  encodePossession,
  openInProcessChannel,
  parseReaderCertificate,
  readAliro,
} from "@menshen/credentials";
import * as nodeCrypto from "@menshen/crypto/node";
import {
  coseVerify1,
  ed25519Generate,
  ed25519Sign,
  ed25519Verify,
  fromHex,
  hpkeOpen,
  p256FromSecret,
  p256Generate,
  p256Sign,
  p256Verify,
  primitives,
  randomBytes,
  type SigningKey,
  sha1,
  sha256,
  toHex,
} from "@menshen/crypto/node";
import { Duration, GateId, Instant, ScheduleId, tidyCrockford } from "@menshen/domain";
import { openCheckpoint, parseVerifierKey, provenCredentials } from "@menshen/evidence";
import type { CommunityModel } from "@menshen/policy";
import { makeAliroDevice } from "@menshen/virtual-devices";
import {
  type AccessDocumentOrder,
  type AliroDeskReader,
  aliroEndpoints,
  credentialEndpoints,
  documentProof,
  enrolResponse,
  externalAad,
  gateEndpoints,
  keyring,
  personEndpoints,
  residentAliroEndpoints,
  residentEndpoints,
  residentInvitationEndpoints,
  residentTexts,
  sealedKeyring,
  uuidBytes,
} from "@menshen/wire";
import { beforeAll, expect, test, vi } from "vitest";
import { TestGate } from "../../gate-link/testing/test-gate.ts";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { makeModelCache } from "../publishing/index.ts";
import { doorsOpenThroughout } from "./document-doors.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const gate = await TestGate.make(GateId(site.gateId));
const { operate } = site;
const PLANNED = { code: "maintenance" } as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const phone = p256Generate();
let credentialId = "";

beforeAll(async () => {
  const { code, enrolUrl } = await site.secure.call(gateEndpoints.enrolmentCode, {
    params: { id: site.gateId },
  });
  gate.enrolment = enrolResponse.decode((await gate.enrol(server, enrolUrl, code)).body);
  await gate.connect(server);
  await gate.sayHello();
});

/** What the newest keyring that the gate was sent says of telephones. */
async function held() {
  const message = gate.received.findLast(({ kind }) => kind === "keyring")?.payload ?? new Uint8Array();
  const publicKey = gate.enrolment?.policyKey ?? new Uint8Array();
  const info = externalAad("keyring");
  const verified = coseVerify1({ message, key: { alg: "EdDSA", publicKey }, externalAad: info });
  if (!verified.verified) throw new Error(verified.reason);
  const { encapsulatedKey, ciphertext } = sealedKeyring.decode(verified.payload);
  const plaintext = await hpkeOpen({ key: gate.sealingKey, enc: encapsulatedKey, ciphertext, info });
  return keyring.decode(plaintext ?? new Uint8Array()).aliro;
}

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 });

const readersHeld = (count: number) =>
  until(async () => {
    const readers = (await held())?.readers ?? [];
    expect(readers).toHaveLength(count);
    return readers;
  });

/** Credential keys that are revoked as the gate hears it. */
async function revokedKeys(): Promise<readonly string[]> {
  const keys = await held();
  if (keys?.revocations === undefined) return [];
  const nowS = server.clock.now() / 1_000;
  const checked = checkRevocationDocument({
    primitives: { sha256, p256Verify },
    response: encodeDeviceResponse([keys.revocations]),
    trust: { issuers: keys.documentIssuers },
    time: { earliestS: nowS, latestS: nowS, utcOffsetS: 0 },
  });
  if (!checked.accepted) throw new Error(checked.reason);
  return checked.revocations.flatMap(({ entries }) =>
    entries.map(({ publicKeyHash }) => toHex(publicKeyHash ?? new Uint8Array())),
  );
}

test("a gate is a reader of its door group's group, with a key of its own under the group's certificate", async () => {
  expect(await operate.call(aliroEndpoints.state)).toEqual({ groups: [], issuers: [] });
  const begun = await operate.call(aliroEndpoints.beginGroup, { body: { doorGroup: 1 }, reason: PLANNED });
  const [group] = begun.groups;
  expect(begun.issuers).toHaveLength(1);
  const [reader] = await readersHeld(1);
  if (group === undefined || reader === undefined) throw new Error("expected a group");
  expect(toHex(reader.identifier)).toBe(group.identifier + toHex(uuidBytes(site.gateId)));
  expect(toHex(reader.groupKey)).toBe(group.publicKey);
  const certificate = parseReaderCertificate(reader.certificate);
  const check = (days: number) =>
    checkReaderCertificate(
      { sha1, p256Verify },
      certificate,
      reader.groupKey,
      (server.clock.now() + days * DAY_MS) / 1_000,
    );
  expect([check(0), check(399), check(491)]).toEqual([undefined, undefined, "expired"]);
  expect((await held())?.documentIssuers.map(toHex)).toEqual([begun.issuers[0]?.publicKey]);
  // Another door group's readers are none of this gate's.
  await operate.call(aliroEndpoints.beginGroup, { body: { doorGroup: 2 }, reason: PLANNED });
  expect(await readersHeld(1)).toEqual([reader]);
});

test("readers' keys are renewed under the same group, and groups with both alive", async () => {
  const [before] = await readersHeld(1);
  const [group] = (await operate.call(aliroEndpoints.state)).groups.filter(
    ({ doorGroup }) => doorGroup === 1,
  );
  const params = { id: group?.id ?? "" };
  await operate.call(aliroEndpoints.renewReaders, { params, reason: PLANNED });
  await until(async () => {
    const [reader] = (await held())?.readers ?? [];
    expect(reader?.secretKey).not.toEqual(before?.secretKey);
    expect(reader?.groupKey).toEqual(before?.groupKey);
  });
  server.clock.advance(Duration.seconds(1));
  await operate.call(aliroEndpoints.beginGroup, { body: { doorGroup: 1 }, reason: PLANNED });
  const [next, last] = await readersHeld(2);
  expect(last?.groupKey).toEqual(before?.groupKey);
  expect(next?.groupKey).not.toEqual(before?.groupKey);
  expect(
    await operate.refused(aliroEndpoints.beginGroup, { body: { doorGroup: 1 }, reason: PLANNED }),
  ).toMatchObject({ code: "conflict" });
  await operate.call(aliroEndpoints.endGroup, { params, reason: PLANNED });
  const [alone] = await readersHeld(1);
  expect([alone?.groupKey, alone?.secretKey]).toEqual([next?.groupKey, next?.secretKey]);
  const { rows } = await server.pool.query(
    "select 1 from aliro_key where ended_at is not null and id in (select key_id from keys.aliro_secret)",
  );
  expect(rows).toEqual([]);
  expect(await operate.refused(aliroEndpoints.endGroup, { params, reason: PLANNED })).toMatchObject({
    code: "not-found",
  });
});

test("a document is issued once the log proves its telephone, for doors that are open to its holder", async () => {
  const enrol = (identifier: string) => ({
    body: {
      kind: "phone" as const,
      identifier,
      personId: site.resident.personId,
      dwellingId: site.dwellingIds[0],
    },
  });
  expect(await operate.refused(credentialEndpoints.enrol, enrol(`04${"00".repeat(64)}`))).toMatchObject({
    code: "invalid-request",
  });
  const { credential } = await operate.call(credentialEndpoints.enrol, enrol(toHex(phone.publicKey)));
  expect(credential).toMatchObject({ kind: "phone", grade: "B" });
  credentialId = credential.id;
  const now = server.clock.now();
  const order = { until: now + DAY_MS };
  const params = { id: credentialId };
  // The home's registration is said first, and waits for the log.
  const early = await operate.ask(aliroEndpoints.issueDocument, { params, body: order });
  expect(early).toMatchObject({ ok: false, problem: { code: "conflict" } });
  await server.logRunner.settle();
  const issued = await operate.call(aliroEndpoints.issueDocument, { params, body: order });
  expect(new Set(issued.portalIds)).toEqual(new Set([site.portals.north, site.portals.house]));
  expect(issued.groups.map(({ doorGroup }) => doorGroup).toSorted((a, b) => a - b)).toEqual([1, 2]);

  const check = (document: string, portalId: string, atMs: number) =>
    checkAccessDocument({
      primitives: { sha256, p256Verify },
      response: encodeDeviceResponse([fromHex(document)]),
      trust: { issuers: issuers },
      time: { earliestS: atMs / 1_000, latestS: atMs / 1_000, utcOffsetS: 8 * 3_600 },
      credential: phone.publicKey,
      elementId: ALIRO_ELEMENTS.door(portalId),
      capability: AccessCapability.momentary,
    });
  const issuers = (await held())?.documentIssuers ?? [];
  const checked = check(issued.document, site.portals.north, now + HOUR_MS);
  if (!checked.accepted) throw new Error(checked.reason);
  expect(check(issued.document, site.portals.house, now + DAY_MS + 1_000)).toMatchObject({
    reason: "expired",
  });
  const note = checked.items.find(({ elementId }) => elementId === ALIRO_ELEMENTS.log)?.value;
  const proof = documentProof.decode(note instanceof Uint8Array ? note : new Uint8Array());
  const logKey = parseVerifierKey(sha256, server.evidenceLog.verifierKey);
  if (!logKey.parsed) throw new Error("expected a key");
  const opened = openCheckpoint({ sha256, ed25519Verify }, Buffer.from(proof.checkpoint), {
    origin: logKey.key.name,
    logKeys: [logKey.key],
    witnessKeys: [],
  });
  if (!opened.opened) throw new Error(opened.refusal);
  const { northIn, northOut, houseIn, houseOut } = site.points;
  expect(provenCredentials(primitives, opened.signed.checkpoint, proof)).toMatchObject([
    {
      credentialKey: toHex(credentialKeyOf(primitives, "phone", phone.publicKey)),
      reach: { kind: "home", accessPointIds: [northIn, northOut, houseIn, houseOut].toSorted() },
    },
  ]);

  // Tomorrow from 22:00 to 02:00 in the community's own time, and every day so.
  const windows: AccessDocumentOrder["windows"] = [
    { weekdays: [1, 2, 3, 4, 5, 6, 7], startMinute: 1_320, endMinute: 120 },
  ];
  const nightly = await operate.call(aliroEndpoints.issueDocument, {
    params,
    body: { until: now + 3 * DAY_MS, portalIds: [site.portals.north], windows },
  });
  const local = (hour: number) =>
    Math.ceil((now + 8 * HOUR_MS) / DAY_MS) * DAY_MS - 8 * HOUR_MS + hour * HOUR_MS + 1_000;
  const accepted = (hour: number) => check(nightly.document, site.portals.north, local(hour)).accepted;
  expect([21, 22, 25, 26].map(accepted)).toEqual([false, true, true, false]);
  expect(check(nightly.document, site.portals.house, local(22))).toMatchObject({ reason: "no-element" });
});

test("no document outlasts a month, its credential, or a rule, and none is for a door that is not its holder's", async () => {
  const params = { id: credentialId };
  const now = server.clock.now();
  const refused = async (body: { until: number; from?: number; portalIds?: string[] }) =>
    (await operate.refused(aliroEndpoints.issueDocument, { params, body })).code;
  expect(await refused({ until: now + 32 * DAY_MS })).toBe("invalid-request");
  expect(await refused({ until: now - 1 })).toBe("invalid-request");
  expect(await refused({ until: now + DAY_MS, portalIds: [site.gateId] })).toBe("conflict");
  const { model } = await makeModelCache(server.db).current();
  const doors = (changes: Partial<CommunityModel["rules"][number]>, days: number) =>
    doorsOpenThroughout(
      { ...model, rules: model.rules.map((rule) => ({ ...rule, ...changes })) },
      site.resident.personId,
      { from: Instant(now), until: Instant(now + days * DAY_MS) },
    ).size;
  expect(doors({}, 3)).toBe(2);
  expect(doors({ validity: { until: Instant(now + 2 * DAY_MS) } }, 2)).toBe(2);
  expect(doors({ validity: { until: Instant(now + 2 * DAY_MS) } }, 3)).toBe(0);
  expect(doors({ scheduleId: ScheduleId(site.ruleId) }, 1)).toBe(0);
  expect(doors({ means: ["desfire"] }, 1)).toBe(0);
  expect(doors({ minimumGrade: "A" }, 1)).toBe(0);
  const guard = await server.member("guard");
  expect(
    await guard.refused(aliroEndpoints.issueDocument, { params, body: { until: now + DAY_MS } }),
  ).toMatchObject({ status: 403 });
  expect(
    await guard.refused(aliroEndpoints.beginGroup, { body: { doorGroup: 3 }, reason: PLANNED }),
  ).toMatchObject({ status: 403 });
});

test("a telephone that is blocked is revoked at gates, one that is found again is not, one lost is for good", async () => {
  const params = { id: credentialId };
  const hash = toHex(sha256(phone.publicKey));
  expect(await revokedKeys()).toEqual([]);
  await operate.call(credentialEndpoints.block, { params, reason: { code: "lost-or-stolen" } });
  await until(async () => expect(await revokedKeys()).toEqual([hash]));
  expect(
    await operate.refused(aliroEndpoints.issueDocument, {
      params,
      body: { until: server.clock.now() + DAY_MS },
    }),
  ).toMatchObject({ code: "not-found" });
  server.clock.advance(Duration.seconds(2));
  await operate.call(credentialEndpoints.unblock, { params, reason: { code: "resident-request" } });
  await until(async () => expect(await revokedKeys()).toEqual([]));
});

test("documents of the issuer before stay good until it is ended; a resident asks for their own alone", async () => {
  const two = await operate.call(aliroEndpoints.beginIssuer, { reason: PLANNED });
  const [newest, before] = two.issuers;
  await until(async () =>
    expect((await held())?.documentIssuers.map(toHex)).toEqual([newest?.publicKey, before?.publicKey]),
  );
  const own = await joined(site.resident.personId);
  const { items } = await own.call(residentAliroEndpoints.list);
  expect(items).toMatchObject([{ id: credentialId }]);
  const params = { id: credentialId };
  const body = { until: server.clock.now() + DAY_MS };
  await server.logRunner.settle();
  const mine = await own.call(residentAliroEndpoints.issueDocument, { params, body });
  expect(mine.portalIds).toHaveLength(2);
  const other = site.resident.credentialId;
  expect(
    await own.refused(residentAliroEndpoints.issueDocument, { params: { id: other }, body }),
  ).toMatchObject({ code: "not-found" });
  expect(await operate.refused(residentAliroEndpoints.list)).toMatchObject({ code: "not-signed-in" });
  const one = await operate.call(aliroEndpoints.endIssuer, {
    params: { id: before?.id ?? "" },
    reason: PLANNED,
  });
  expect(one.issuers).toEqual([newest]);
  await until(async () => expect((await held())?.documentIssuers.map(toHex)).toEqual([newest?.publicKey]));
  expect(
    await operate.refused(aliroEndpoints.endIssuer, { params: { id: newest?.id ?? "" }, reason: PLANNED }),
  ).toMatchObject({ code: "conflict" });
});

test("a telephone is enrolled by what it signs to a reader of the desk, once; its holder asks for it and ends it", async () => {
  const person = await operate.call(personEndpoints.create, {
    body: { displayName: "周先生", residency: { role: "tenant", dwellingId: site.dwellingIds[1] } },
  });
  const own = await joined(person.id);
  await own.call(residentAliroEndpoints.ask);
  await own.call(residentAliroEndpoints.ask);
  const waiting = await operate.call(aliroEndpoints.requests);
  expect(waiting.items).toEqual([
    {
      personId: person.id,
      personName: "周先生",
      dwellingId: site.dwellingIds[1],
      dwellingName: "102",
      askedAt: server.clock.now(),
    },
  ]);
  expect(await own.call(residentAliroEndpoints.list)).toMatchObject({
    items: [],
    askedAt: server.clock.now(),
  });

  const key = p256Generate();
  const begin = () => operate.call(aliroEndpoints.beginDesk, { body: { personId: person.id } });
  const enrol = (id: string, possession: string) =>
    operate.ask(aliroEndpoints.enrolPhone, {
      params: { id },
      body: { possession, dwellingId: site.dwellingIds[1] },
    });
  const [first, second] = [await begin(), await begin()];
  expect(first.reader.identifier.slice(32)).toBe(toHex(uuidBytes(first.id)));
  const certificate = parseReaderCertificate(fromHex(first.reader.certificate));
  const groupKey = fromHex(first.reader.groupKey);
  const checkAt = (minutes: number) =>
    checkReaderCertificate(
      { sha1, p256Verify },
      certificate,
      groupKey,
      server.clock.now() / 1_000 + minutes * 60,
    );
  expect([checkAt(0), checkAt(14), checkAt(16)]).toEqual([undefined, undefined, "expired"]);

  const proof = await tap(key, first.reader);
  // Signed to one reader, it is worth nothing at another; and another's key in it breaks it.
  expect(await enrol(second.id, proof)).toMatchObject({ ok: false, problem: { code: "invalid-request" } });
  const stranger = toHex(p256Generate().publicKey) + proof.slice(130);
  expect(await enrol(first.id, stranger)).toMatchObject({ ok: false, problem: { code: "invalid-request" } });
  const enrolled = await enrol(first.id, proof);
  if (!enrolled.ok) throw new Error("expected a credential");
  expect(enrolled.body.credential).toMatchObject({ kind: "phone", state: "active", personId: person.id });
  expect(await enrol(first.id, proof)).toMatchObject({ ok: false, problem: { code: "not-found" } });
  expect((await operate.call(aliroEndpoints.requests)).items).toEqual([]);
  server.clock.advance(Duration.minutes(16));
  const late = await tap(p256Generate(), second.reader);
  expect(await enrol(second.id, late)).toMatchObject({ ok: false, problem: { code: "not-found" } });

  const { id } = enrolled.body.credential;
  expect((await own.call(residentEndpoints.receiptsDue)).items).toMatchObject([
    { credentialId: id, kind: "phone" },
  ]);
  expect((await own.call(residentAliroEndpoints.list)).items).toMatchObject([
    { id, state: "active", isSigned: false },
  ]);
  const other = await joined(site.resident.personId);
  expect(await other.refused(residentAliroEndpoints.remove, { params: { id } })).toMatchObject({
    code: "not-found",
  });
  await own.call(residentAliroEndpoints.remove, { params: { id } });
  expect((await own.call(residentAliroEndpoints.list)).items).toMatchObject([{ id, state: "returned" }]);
  const guard = await server.member("guard");
  expect(await guard.refused(aliroEndpoints.beginDesk, { body: { personId: person.id } })).toMatchObject({
    status: 403,
  });
});

test("documents are listed with where the log proves them, and taken back without ending the telephone", async () => {
  await server.logRunner.settle();
  const { items } = await operate.call(aliroEndpoints.documents);
  const own = items.filter((one) => one.credentialId === credentialId);
  expect(own.map(({ state }) => state)).toEqual(own.map(() => "good"));
  expect(own.some(({ issuedByName }) => issuedByName === undefined)).toBe(true);
  expect(own[0]?.leafIndexes.length).toBeGreaterThan(0);
  server.clock.advance(Duration.seconds(2));
  const params = { id: credentialId };
  const withdraw = () =>
    operate.call(aliroEndpoints.withdrawDocuments, { params, reason: { code: "lost-or-stolen" } });
  expect((await withdraw()).withdrawn).toBe(own.length);
  expect((await withdraw()).withdrawn).toBe(0);
  await until(async () => expect(await revokedKeys()).toEqual([toHex(sha256(phone.publicKey))]));
  expect(
    (await operate.call(aliroEndpoints.documents)).items
      .filter((one) => one.credentialId === credentialId)
      .every(({ state }) => state === "withdrawn"),
  ).toBe(true);
  expect(await operate.call(credentialEndpoints.get, { params })).toMatchObject({ state: "active" });
  const body = { until: server.clock.now() + DAY_MS };
  expect(await operate.refused(aliroEndpoints.issueDocument, { params, body })).toMatchObject({
    code: "conflict",
  });
  const guard = await server.member("guard");
  expect(await guard.refused(aliroEndpoints.withdrawDocuments, { params, reason: PLANNED })).toMatchObject({
    status: 403,
  });
});

/** What a software telephone with this key leaves at a reader of the desk. */
async function tap(key: SigningKey, reader: AliroDeskReader): Promise<string> {
  const device = makeAliroDevice({
    primitives: nodeCrypto,
    credentials: [
      {
        keyPair: key,
        groups: [{ identifier: fromHex(reader.identifier).subarray(0, 16), key: fromHex(reader.groupKey) }],
        documents: [],
        kpersistents: new Map(),
      },
    ],
    random: randomBytes,
    ephemeral: p256Generate,
  });
  const { publicKey, secretKey } = p256FromSecret(fromHex(reader.secretKey));
  const reading = await readAliro(openInProcessChannel(device), {
    primitives: nodeCrypto,
    identity: {
      identifier: fromHex(reader.identifier),
      signer: { publicKey, sign: (message) => p256Sign(secretKey, message) },
      certificate: {
        bytes: fromHex(reader.certificate),
        issuerPublicKey: fromHex(reader.groupKey),
        sentIn: "load-cert",
      },
    },
    ephemeral: p256Generate,
    random: randomBytes,
    accepts: () => true,
  });
  if (reading.outcome !== "authenticated") throw new Error(reading.reason);
  const { possession } = reading.session;
  if (possession === undefined) throw new Error("expected a proof");
  return toHex(encodePossession(possession));
}

/** A resident's own program, signed in. */
async function joined(personId: string): Promise<TestClient> {
  const key = ed25519Generate();
  const keys = { authKey: toHex(key.publicKey), trailKey: toHex(randomBytes(32)) };
  const { code } = await operate.call(residentInvitationEndpoints.create, {
    params: { id: personId },
    reason: { code: "resident-request" },
  });
  const client = server.visitor();
  const { community } = await client.call(residentEndpoints.session);
  const text = residentTexts.join(community.id, keys, tidyCrockford(code) ?? "");
  const signature = toHex(ed25519Sign(key.secretKey, new TextEncoder().encode(text)));
  await client.call(residentEndpoints.join, { body: { code, ...keys, signature } });
  return client;
}
