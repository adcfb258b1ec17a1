import { credentialKeyOf } from "@menshen/credentials";
import { coseVerify1, fromHex, hpkeOpen, primitives, toHex } from "@menshen/crypto/node";
import { AccessPointId, GateId, Instant } from "@menshen/domain";
import {
  applyDelta,
  decide,
  loadSnapshot,
  readSnapshotDocument,
  type SnapshotDocument,
} from "@menshen/policy";
import {
  credentialEndpoints,
  type DownKind,
  decodePolicyDocument,
  deltaMessage,
  enrolResponse,
  externalAad,
  gateEndpoints,
  keyring,
  modeEndpoints,
  modesMessage,
  personEndpoints,
  SNAPSHOT_MAX_BYTES,
  scheduleEndpoints,
  sealedKeyring,
  snapshotMessage,
} from "@menshen/wire";
import { beforeAll, expect, test } from "vitest";
import { moment } from "../../database/database.ts";
import { touchModelPart } from "../../database/model-parts.ts";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { TestGate } from "../../gate-link/testing/test-gate.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const gate = await TestGate.make(GateId(site.gateId));

beforeAll(async () => {
  const { code, enrolUrl } = await site.secure.call(gateEndpoints.enrolmentCode, {
    params: { id: site.gateId },
  });
  gate.enrolment = enrolResponse.decode((await gate.enrol(server, enrolUrl, code)).body);
  await gate.connect(server);
  await gate.sayHello();
});

/** The payload of the newest message of a kind, its signature checked with the community's policy key. */
function newest(kind: DownKind): Uint8Array | undefined {
  const message = gate.received.findLast((received) => received.kind === kind)?.payload;
  if (message === undefined) return undefined;
  const verified = coseVerify1({
    message,
    key: { alg: "EdDSA", publicKey: gate.enrolment?.policyKey ?? new Uint8Array() },
    externalAad: externalAad(kind),
  });
  if (!verified.verified) throw new Error(verified.reason);
  return verified.payload;
}

function count(kind: DownKind): number {
  return gate.received.filter((received) => received.kind === kind).length;
}

function open(document: SnapshotDocument) {
  const loaded = loadSnapshot(document);
  if (!loaded.ok) throw new Error(loaded.error.where);
  const now = server.clock.now();
  return decide(
    loaded.snapshot,
    {
      credentialKey: credentialKeyOf(primitives, "desfire", fromHex(CARD_UID)),
      kind: "desfire",
      grade: "B",
      evidence: {},
    },
    AccessPointId(site.points.northIn),
    { mode: "normal", lockdown: 0, fireRelease: false },
    { earliest: now, latest: now },
  );
}

let held: SnapshotDocument;

test("an enrolled gate gets a snapshot by which the resident's card opens", async () => {
  const payload = await eventually("snapshot", () => newest("snapshot"));
  const message = snapshotMessage.decode(payload);
  const read = readSnapshotDocument(decodePolicyDocument(message.document, SNAPSHOT_MAX_BYTES));
  if (!read.ok) throw new Error(read.error.where);
  held = read.document;
  expect(held.version).toBe(message.snapshotVersion);
  expect(open(held)).toEqual({ granted: true, reasons: [{ code: "rule-allows", rule: 1 }] });
  await gate.sayApplied({ what: "snapshot", documentVersion: message.snapshotVersion, ok: true });
  await eventually("applied", async () => {
    const { snapshot } = await site.operate.call(gateEndpoints.status, { params: { id: site.gateId } });
    return snapshot.applied === message.snapshotVersion;
  });
});

test("and a keyring, sealed to it, with the key that was written onto the card", async () => {
  const sealed = sealedKeyring.decode(await eventually("keyring", () => newest("keyring")));
  const plaintext = await hpkeOpen({
    key: gate.sealingKey,
    enc: sealed.encapsulatedKey,
    ciphertext: sealed.ciphertext,
    info: externalAad("keyring"),
  });
  const ring = keyring.decode(plaintext ?? new Uint8Array());
  expect(ring.doorGroup).toBe(1);
  expect(ring.cards.map((card) => [toHex(card.credentialKey), card.kind, card.keys.length])).toEqual([
    [toHex(credentialKeyOf(primitives, "desfire", fromHex(CARD_UID))), "desfire", 1],
  ]);
  expect(toHex(ring.cards[0]?.keys[0]?.key ?? new Uint8Array())).toBe(site.resident.cardKey);
  expect(ring.trailKeys).toEqual([]);
  expect(ring.sharedKeys.map(({ kind, key }) => [kind, key.key.length])).toEqual([["pin", 16]]);
});

test("a revocation reaches the gate at once, as a small change", async () => {
  const before = count("delta");
  await site.operate.call(credentialEndpoints.block, {
    params: { id: site.resident.credentialId },
    reason: { code: "lost-or-stolen" },
  });
  await eventually("delta", () => count("delta") > before);
  const message = deltaMessage.decode(newest("delta") ?? new Uint8Array());
  expect(message.delta.length).toBeLessThan(1_000);
  expect(message.baseVersion).toBe(held.version);
  const applied = applyDelta(held, decodePolicyDocument(message.delta, SNAPSHOT_MAX_BYTES));
  if (!applied.ok) throw new Error(applied.error.where);
  expect(open(applied.document)).toEqual({ granted: false, reasons: [{ code: "credential-blocked" }] });
  held = applied.document;
  await gate.sayApplied({ what: "snapshot", documentVersion: message.snapshotVersion, ok: true });
});

test("what concerns no door sends nothing", async () => {
  // The trail document goes out by itself once the log has the gate's own certificate: it says nothing about doors.
  const policies = () => gate.received.filter(({ kind }) => kind !== "trail").length;
  const before = policies();
  await site.operate.call(scheduleEndpoints.create, {
    body: { name: "不用的", weekly: [], holidays: [], exceptions: [] },
  });
  await site.operate.call(personEndpoints.create, { body: { displayName: "访客甲" } });
  await server.gateLink.pushDesired(GateId(site.gateId));
  expect(policies()).toBe(before);
});

test("modes go out with generation and end", async () => {
  const until = server.clock.now() + 3_600_000;
  const before = count("modes");
  const set = await site.operate.call(modeEndpoints.set, {
    params: { portalId: site.portals.north },
    body: { mode: "locked", until },
    reason: { code: "maintenance" },
  });
  await eventually("modes", () => count("modes") > before);
  const { portals } = modesMessage.decode(newest("modes") ?? new Uint8Array());
  expect(portals.find((portal) => portal.portalId === site.portals.north)).toEqual({
    portalId: site.portals.north,
    mode: "locked",
    lockdown: 0,
    generation: set.generation,
    until,
  });
});

test("a resident's trail key goes out with the keys of the cards that they hold", async () => {
  const before = count("keyring");
  const trailKey = new Uint8Array(32).fill(9);
  await server.db.transaction().execute(async (trx) => {
    await trx
      .insertInto("resident_account")
      .values({
        person_id: site.resident.personId,
        auth_key: new Uint8Array(32),
        trail_key: trailKey,
        first_position: 0,
        registered_at: moment(server.clock.now()),
      })
      .execute();
    await touchModelPart(trx, "credentials");
  });
  await server.gateLink.pushDesired(GateId(site.gateId));
  await eventually("keyring", () => count("keyring") > before);
  const sealed = sealedKeyring.decode(newest("keyring") ?? new Uint8Array());
  const plaintext = await hpkeOpen({
    key: gate.sealingKey,
    enc: sealed.encapsulatedKey,
    ciphertext: sealed.ciphertext,
    info: externalAad("keyring"),
  });
  const { trailKeys } = keyring.decode(plaintext ?? new Uint8Array());
  expect(trailKeys.map(({ credentialKey, key }) => [toHex(credentialKey), toHex(key)])).toEqual([
    [toHex(credentialKeyOf(primitives, "desfire", fromHex(CARD_UID))), "09".repeat(32)],
  ]);
  await server.gateLink.pushDesired(GateId(site.gateId));
  expect(count("keyring")).toBe(before + 1);
});

test("a person who is removed is refused at the door, and welcome when restored", async () => {
  await site.operate.call(modeEndpoints.set, {
    params: { portalId: site.portals.north },
    body: { mode: "normal" },
    reason: { code: "maintenance" },
  });
  const compiled = async () => {
    const { rows } = await server.pool.query<{ content: Buffer }>(
      "select content from gate_document where what = 'snapshot' and gate_id = $1 order by version desc limit 1",
      [site.gateId],
    );
    const read = readSnapshotDocument(
      decodePolicyDocument(rows[0]?.content ?? new Uint8Array(), SNAPSHOT_MAX_BYTES),
    );
    if (!read.ok) throw new Error(read.error.where);
    return open(read.document);
  };
  const one = { params: { id: site.resident.personId } };
  await site.operate.call(credentialEndpoints.unblock, {
    params: { id: site.resident.credentialId },
    reason: { code: "correction" },
  });
  await eventually("unblocked", async () => (await compiled()).granted);
  // Without an account of their own they ask at the desk.
  await server.pool.query("delete from resident_account where person_id = $1", [site.resident.personId]);
  await site.operate.call(personEndpoints.remove, { ...one, reason: { code: "resident-request" } });
  // Nobody lives here by that name any more, so no rule selects the holder and the gate forgets the card.
  await eventually("removed", async () => !(await compiled()).granted);
  await site.operate.call(personEndpoints.restore, one);
  await eventually("restored", async () => (await compiled()).granted);
});
