import {
  authenticateCard,
  credentialKeyOf,
  openInProcessChannel,
  orderFromAnswer,
  personaliseCard,
} from "@menshen/credentials";
import { nodeDesk } from "@menshen/credentials/node";
import { coseVerify1, hpkeOpen, primitives, randomBytes, toHex } from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { blankDesfire, makeDesfireCard, type VirtualCard } from "@menshen/virtual-devices";
import {
  type CardPersonalisation,
  cardKeyEndpoints,
  changeEndpoints,
  credentialEndpoints,
  enrolResponse,
  externalAad,
  gateEndpoints,
  type KeyRequest,
  keyRequestEndpoints,
  keyring,
  sealedKeyring,
} from "@menshen/wire";
import { beforeAll, expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { TestGate } from "../../gate-link/testing/test-gate.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const gate = await TestGate.make(GateId(site.gateId));
const { operate } = site;
const PLANNED = { code: "maintenance" } as const;
const desk = await server.member("desk");
const auditor = await server.member("auditor");
const askToStart = () => operate.call(keyRequestEndpoints.askToStart, { reason: PLANNED });
const askToEnd = (version: number) =>
  operate.call(keyRequestEndpoints.askToEnd, { params: { version }, reason: PLANNED });
/** What one asked and another agreed to, and how keys stand then. */
async function agreed({ id }: KeyRequest) {
  expect(await desk.call(keyRequestEndpoints.agree, { params: { id }, reason: PLANNED })).toMatchObject({
    state: "done",
  });
  return operate.call(cardKeyEndpoints.report, {});
}

interface Held {
  readonly id: string;
  readonly uid: Uint8Array;
  readonly card: VirtualCard;
}
let cards: readonly Held[] = [];

beforeAll(async () => {
  const { code, enrolUrl } = await site.secure.call(gateEndpoints.enrolmentCode, {
    params: { id: site.gateId },
  });
  gate.enrolment = enrolResponse.decode((await gate.enrol(server, enrolUrl, code)).body);
  await gate.connect(server);
  await gate.sayHello();
  const held: Held[] = [];
  for (const number of [1, 2, 3]) {
    const uid = Uint8Array.of(0x04, 0xaa, 0, 0, 0, 0, number);
    const { credential, personalisation } = await operate.call(credentialEndpoints.enrol, {
      body: {
        kind: "desfire",
        identifier: toHex(uid),
        personId: site.resident.personId,
        ...(number === 3 ? {} : { dwellingId: site.dwellingIds[0] }),
      },
    });
    const card = makeDesfireCard(blankDesfire(uid, "ev3"), randomBytes);
    await write(card, uid, personalisation, []);
    held.push({ id: credential.id, uid, card });
  }
  cards = held;
});

test("keys are renewed card by card, and every card opens all the while", async () => {
  const first = await operate.call(cardKeyEndpoints.report, {});
  expect(first).toMatchObject({ version: 1, waiting: 0 });
  const all = first.renewed;
  expect(await versionsOf(1)).toEqual([[1], [1], [1]]);

  const started = await agreed(await askToStart());
  expect(started).toMatchObject({ version: 2, renewed: 0, waiting: all });
  expect(await versionsOf(2)).toEqual([
    [2, 1],
    [2, 1],
    [2, 1],
  ]);
  expect(await taps()).toEqual([1, 1, 1]);

  // The gate did not say yet that it took them: a card renewed now might be refused.
  expect(started.lacking).toMatchObject([{ name: "北门控制器", doorGroup: 1 }]);
  expect(
    await operate.refused(cardKeyEndpoints.renewal, { params: { id: cards[0]?.id ?? "" } }),
  ).toMatchObject({
    code: "conflict",
    detail: "these gates have not got the new keys yet and would refuse it: `北门控制器`",
  });
  await applyKeyrings();
  expect(await operate.call(cardKeyEndpoints.report, {})).toMatchObject({ lacking: [] });

  const [one, two, three] = cards;
  if (one === undefined || two === undefined || three === undefined) throw new Error("expected three cards");
  for (const [index, held] of [one, two, three].entries()) {
    const params = { id: held.id };
    const { personalisation, earlier } = await operate.call(cardKeyEndpoints.renewal, { params });
    await write(held.card, held.uid, personalisation, earlier);
    // Before the desk could report it, and after.
    expect(await taps()).toEqual([0, 1, 2].map((at) => (at <= index ? 2 : 1)));
    await operate.call(cardKeyEndpoints.renewed, { params });
    await operate.call(cardKeyEndpoints.renewed, { params });
    await eventually("a keyring without the old key", async () => (await heldKeys(held)).length === 1);
    expect(await taps()).toEqual([0, 1, 2].map((at) => (at <= index ? 2 : 1)));
  }
  const done = await operate.call(cardKeyEndpoints.report, {});
  expect(done).toMatchObject({ version: 2, renewed: 3, waiting: all - 3 });
  const refused = await operate.refused(cardKeyEndpoints.renewal, { params: { id: one.id } });
  expect(refused).toMatchObject({ code: "conflict" });
});

test("a new card carries the newest keys; a third version waits for the last card of the second", async () => {
  const { personalisation } = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "ntag424", identifier: "04bb0000000001", personId: site.resident.personId },
  });
  expect(new Set(personalisation?.keys.map(({ version }) => version))).toEqual(new Set([2]));
  expect(await operate.refused(keyRequestEndpoints.askToStart, { reason: PLANNED })).toMatchObject({
    code: "conflict",
  });
  const { items } = await operate.call(cardKeyEndpoints.waiting, {});
  for (const { id } of items) await operate.call(cardKeyEndpoints.renewed, { params: { id } });
  expect(await agreed(await askToStart())).toMatchObject({
    version: 3,
    versions: [{ version: 3 }, { version: 2 }, { version: 1, cards: 0 }],
  });
});

test("a version ends when no card in use carries it, and its masters with it", async () => {
  const end = (version: number) => ({ params: { version }, reason: PLANNED });
  const masters = async () =>
    (await server.keyVault.list())
      .filter(({ use }) => use === "diversify")
      .map(({ reference }) => `${reference.name} ${reference.version}`);
  expect(await masters()).toEqual([
    ...["card-master-desfire 1", "card-master-desfire 2", "card-master-desfire 3"],
    ...["card-master-ntag424 1", "card-master-ntag424 2", "card-master-ntag424 3"],
  ]);
  expect(await operate.refused(keyRequestEndpoints.askToEnd, end(3))).toMatchObject({ code: "conflict" });
  expect(await operate.refused(keyRequestEndpoints.askToEnd, end(2))).toMatchObject({
    code: "conflict",
    detail: expect.stringMatching(/^\d+ cards still carry version 2$/),
  });
  const { versions } = await agreed(await askToEnd(1));
  expect(versions.map(({ version }) => version)).toEqual([3, 2]);
  expect(await operate.refused(keyRequestEndpoints.askToEnd, end(1))).toMatchObject({ code: "not-found" });
  expect(await masters()).not.toContain("card-master-desfire 1");

  // A lost card keeps no version alive.
  const { items } = await operate.call(cardKeyEndpoints.waiting, {});
  const [lost, ...others] = items;
  for (const { id } of others) await operate.call(cardKeyEndpoints.renewed, { params: { id } });
  expect(await operate.refused(keyRequestEndpoints.askToEnd, end(2))).toMatchObject({
    detail: "1 cards still carry version 2",
  });
  const params = { id: lost?.id ?? "" };
  await operate.call(credentialEndpoints.lost, { params, reason: { code: "lost-or-stolen" } });
  expect(await agreed(await askToEnd(2))).toMatchObject({
    waiting: 0,
    versions: [{ version: 3 }],
  });
});

test("planned work on keys takes two persons, within hours; either takes it back", async () => {
  const { now } = server.clock;
  const before = await operate.call(cardKeyEndpoints.report, {});
  const asked = await askToStart();
  expect(asked).toMatchObject({ act: "start", own: true, state: "waiting", expiresAt: now() + 43_200_000 });
  expect(asked).not.toHaveProperty("version");
  const one = { params: { id: asked.id }, reason: PLANNED };
  expect(await operate.refused(keyRequestEndpoints.agree, one)).toMatchObject({
    code: "second-person-needed",
  });
  expect(await operate.refused(keyRequestEndpoints.askToStart, { reason: PLANNED })).toMatchObject({
    code: "conflict",
    detail: "this was asked already",
  });
  expect((await desk.call(keyRequestEndpoints.list, {})).items[0]).toMatchObject({
    id: asked.id,
    own: false,
    requestedBy: asked.requestedBy,
    state: "waiting",
  });
  expect(await desk.call(keyRequestEndpoints.withdraw, one)).toMatchObject({
    state: "withdrawn",
    decidedBy: "desk 1",
  });
  expect(await desk.refused(keyRequestEndpoints.agree, one)).toMatchObject({ code: "conflict" });

  const late = await askToStart();
  // Sessions end sooner than twelve hours: the request becomes that old in their place.
  await server.pool.query("update key_request set expires_at = $1 where id = $2", [new Date(now()), late.id]);
  const tooLate = { params: { id: late.id }, reason: PLANNED };
  expect(await desk.refused(keyRequestEndpoints.agree, tooLate)).toMatchObject({ code: "conflict" });
  expect(await desk.refused(keyRequestEndpoints.withdraw, tooLate)).toMatchObject({ code: "conflict" });
  const expired = (await operate.call(keyRequestEndpoints.list, {})).items.find(({ id }) => id === late.id);
  expect(expired?.state).toBe("expired");
  expect(await operate.call(cardKeyEndpoints.report, {})).toMatchObject({ version: before.version });

  const anew = await desk.call(keyRequestEndpoints.askToStart, { reason: PLANNED });
  const mine = { params: { id: anew.id }, reason: PLANNED };
  expect(await desk.call(keyRequestEndpoints.withdraw, mine)).toMatchObject({ state: "withdrawn" });
  const { items } = await auditor.call(changeEndpoints.list, { query: { action: "card-keys.start-asked" } });
  expect(items.map(({ entityId }) => entityId)).toEqual(expect.arrayContaining([asked.id, late.id, anew.id]));
});

test("a stolen gate's door group gets a version at once, also in the middle of a renewal", async () => {
  const uid = Uint8Array.of(0x04, 0xdd, 0, 0, 0, 0, 1);
  const { credential, personalisation } = await operate.call(credentialEndpoints.enrol, {
    body: {
      kind: "desfire",
      identifier: toHex(uid),
      personId: site.resident.personId,
      dwellingId: site.dwellingIds[0],
      doorGroups: [1, 7],
      hidesUid: true,
      countsTaps: true,
    },
  });
  expect(credential).toMatchObject({ hidesUid: true, countsTaps: true });
  expect(personalisation?.privacyKey?.version).toBe(128);
  const card = makeDesfireCard(blankDesfire(uid, "ev3"), randomBytes);
  await write(card, uid, personalisation, []);
  card.powerOff();
  card.reset();
  expect(card.uid[0]).toBe(0x08);
  const before = await operate.call(cardKeyEndpoints.report, {});
  expect(before).toMatchObject({ version: 3, waiting: 0 });
  const group = { params: { doorGroup: 7 } };
  expect(await operate.call(cardKeyEndpoints.group, group)).toMatchObject({
    cards: 1,
    buildings: [{ buildingName: "1号楼", cards: 1 }],
    pins: 0,
    publicKeys: 0,
  });
  const { items } = await operate.call(cardKeyEndpoints.groupCards, group);
  expect(items.map(({ id }) => id)).toEqual([credential.id]);

  const stolen = { ...group, reason: { code: "lost-or-stolen" } } as const;
  await operate.call(cardKeyEndpoints.startForGroup, stolen);
  expect(await operate.call(cardKeyEndpoints.startForGroup, stolen)).toMatchObject({
    version: 5,
    waiting: 1,
    renewed: before.renewed - 1,
    versions: [{ version: 5, doorGroup: 7 }, { version: 4, doorGroup: 7, cards: 1 }, { version: 3 }],
  });
  // The card has not been anywhere since, and might have been at the desk in between.
  const held = { id: credential.id, uid, card };
  await eventually("a keyring with all three", async () => (await heldKeys(held)).length === 3);
  expect((await heldKeys(held)).map(({ keyVersion }) => keyVersion)).toEqual([5, 4, 3]);
  expect(await tap(held)).toBe(3);
  expect([await count(held), await count(held)]).toEqual([{ counter: 1 }, { counter: 2 }]);
  await applyKeyrings();
  const params = { id: credential.id };
  const renewal = await operate.call(cardKeyEndpoints.renewal, { params });
  expect(renewal.earlier.map(({ keys }) => keys[0]?.version)).toEqual([3, 4]);
  await write(card, uid, renewal.personalisation, renewal.earlier);
  expect(await tap(held)).toBe(5);
  await operate.call(cardKeyEndpoints.renewed, { params });
  await eventually("a keyring without the old keys", async () => (await heldKeys(held)).length === 1);
  expect(await tap(held)).toBe(5);
  // The renewed card counts anew, under a key of its new version.
  expect([await count(held), await count(held)]).toEqual([{ counter: 1 }, { counter: 2 }]);
  expect(
    (await newestKeyring())?.sharedKeys.map(({ kind, key }) => [kind, key.number, key.keyVersion]),
  ).toEqual([
    ["pin", 0, 1],
    ["desfire", 1, 128],
  ]);
});

test("who may not write credentials starts and reads nothing; a PIN has no keys", async () => {
  const guard = await server.member("guard");
  for (const refused of [
    await guard.refused(keyRequestEndpoints.askToStart, { reason: PLANNED }),
    await guard.refused(cardKeyEndpoints.renewal, { params: { id: cards[0]?.id ?? "" } }),
    await guard.refused(cardKeyEndpoints.renewed, { params: { id: cards[0]?.id ?? "" } }),
    await guard.refused(cardKeyEndpoints.report, {}),
    await guard.refused(cardKeyEndpoints.startForGroup, { params: { doorGroup: 1 }, reason: PLANNED }),
    await guard.refused(keyRequestEndpoints.askToEnd, { params: { version: 1 }, reason: PLANNED }),
    await guard.refused(keyRequestEndpoints.list, {}),
    await guard.refused(keyRequestEndpoints.agree, { params: { id: site.gateId }, reason: PLANNED }),
    await guard.refused(keyRequestEndpoints.withdraw, { params: { id: site.gateId } }),
    await guard.refused(cardKeyEndpoints.group, { params: { doorGroup: 1 } }),
    await guard.refused(cardKeyEndpoints.groupCards, { params: { doorGroup: 1 } }),
  ]) {
    expect(refused).toMatchObject({ status: 403 });
  }
  const { credential } = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "pin", personId: site.resident.personId },
  });
  expect(await operate.refused(cardKeyEndpoints.renewal, { params: { id: credential.id } })).toMatchObject({
    code: "conflict",
  });
});

async function write(
  card: VirtualCard,
  uid: Uint8Array,
  personalisation: CardPersonalisation | undefined,
  earlier: readonly CardPersonalisation[],
): Promise<void> {
  if (personalisation === undefined) throw new Error("expected keys");
  const order = orderFromAnswer(uid, personalisation, earlier);
  const { outcome } = await personaliseCard(openInProcessChannel(card), order, nodeDesk);
  expect(outcome).toBe("personalised");
}

/** The newest keyring that the gate was sent, opened with its sealing key. */
async function newestKeyring() {
  const message = gate.received.findLast(({ kind }) => kind === "keyring")?.payload;
  if (message === undefined) return undefined;
  const publicKey = gate.enrolment?.policyKey ?? new Uint8Array();
  const verified = coseVerify1({
    message,
    key: { alg: "EdDSA", publicKey },
    externalAad: externalAad("keyring"),
  });
  if (!verified.verified) throw new Error(verified.reason);
  const { encapsulatedKey, ciphertext } = sealedKeyring.decode(verified.payload);
  const info = externalAad("keyring");
  const plaintext = await hpkeOpen({ key: gate.sealingKey, enc: encapsulatedKey, ciphertext, info });
  return keyring.decode(plaintext ?? new Uint8Array());
}

async function heldKeys({ uid }: Held) {
  const held = (await newestKeyring())?.cards ?? [];
  const hex = toHex(credentialKeyOf(primitives, "desfire", uid));
  return held.find(({ credentialKey }) => toHex(credentialKey) === hex)?.keys ?? [];
}

/** Versions that the gate holds of each card, once the first card's newest is there. */
async function versionsOf(newest: number) {
  await eventually("a keyring with that version", async () => {
    const keys = await Promise.all(cards.map(heldKeys));
    return keys.every(([first]) => first?.keyVersion === newest);
  });
  return Promise.all(cards.map(async (held) => (await heldKeys(held)).map(({ keyVersion }) => keyVersion)));
}

/** Lets the gate say that it took its newest keyring, until the server has made and heard of everything. */
async function applyKeyrings(): Promise<void> {
  await eventually("the gate has the newest keys", async () => {
    const ring = await newestKeyring();
    if (ring !== undefined) {
      await gate.sayApplied({ what: "keyring", documentVersion: ring.keyringVersion, ok: true });
    }
    return (await operate.call(cardKeyEndpoints.report, {})).lacking.length === 0;
  });
}

/** Each card at the gate, with what its newest keyring holds: the version that it proved, or why not. */
function taps() {
  return Promise.all(cards.map(tap));
}

async function tap(held: Held) {
  const reading = await read(held, false);
  return reading.outcome === "presented" ? reading.presentation.evidence.keyVersion : reading.outcome;
}

/** What a tap at a gate that counts them says of the count. */
async function count(held: Held) {
  const reading = await read(held, true);
  if (reading.outcome !== "presented") return reading.outcome;
  const { counter, counterMark } = reading.presentation.evidence;
  return { counter, ...(counterMark === undefined ? {} : { counterMark }) };
}

async function read({ uid, card, id }: Held, counts: boolean) {
  const ring = await newestKeyring();
  const keys = await heldKeys({ uid, card, id });
  const hex = toHex(credentialKeyOf(primitives, "desfire", uid));
  const transactionKeys = ring?.cards.find(
    ({ credentialKey }) => toHex(credentialKey) === hex,
  )?.transactionKeys;
  return authenticateCard(openInProcessChannel(card), {
    primitives,
    doorGroup: keys[0]?.number ?? 1,
    random: randomBytes,
    keyFor: ({ kind }) => (kind === "desfire" ? keys : undefined),
    privacyKeyFor: (kind) => ring?.sharedKeys.find((shared) => shared.kind === kind)?.key.key,
    ...(counts
      ? { transactionKeysFor: () => transactionKeys ?? [], readerId: new Uint8Array(16).fill(9) }
      : {}),
  });
}
