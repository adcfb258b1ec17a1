import {
  authenticateCard,
  type CardKeySet,
  credentialKeyOf,
  openInProcessChannel,
  personaliseCard,
} from "@menshen/credentials";
import { nodeDesk } from "@menshen/credentials/node";
import { coseVerify1, fromHex, hpkeOpen, primitives, randomBytes, toHex } from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { blankDesfire, makeDesfireCard, type VirtualCard } from "@menshen/virtual-devices";
import {
  type CardPersonalisation,
  cardKeyEndpoints,
  credentialEndpoints,
  enrolResponse,
  externalAad,
  gateEndpoints,
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

  const started = await operate.call(cardKeyEndpoints.start, { reason: PLANNED });
  expect(started).toMatchObject({ version: 2, renewed: 0, waiting: all });
  expect(await versionsOf(2)).toEqual([
    [2, 1],
    [2, 1],
    [2, 1],
  ]);
  expect(await taps()).toEqual([1, 1, 1]);

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
  expect(await operate.refused(cardKeyEndpoints.start, { reason: PLANNED })).toMatchObject({
    code: "conflict",
  });
  const { items } = await operate.call(cardKeyEndpoints.waiting, {});
  for (const { id } of items) await operate.call(cardKeyEndpoints.renewed, { params: { id } });
  expect(await operate.call(cardKeyEndpoints.start, { reason: PLANNED })).toMatchObject({ version: 3 });
});

test("who may not write credentials starts and reads nothing; a PIN has no keys", async () => {
  const guard = await server.member("guard");
  for (const refused of [
    await guard.refused(cardKeyEndpoints.start, { reason: PLANNED }),
    await guard.refused(cardKeyEndpoints.renewal, { params: { id: cards[0]?.id ?? "" } }),
    await guard.refused(cardKeyEndpoints.renewed, { params: { id: cards[0]?.id ?? "" } }),
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
  const order = {
    kind: "desfire",
    uid,
    keys: keySet(personalisation),
    earlier: earlier.map(keySet),
  } as const;
  const { outcome } = await personaliseCard(openInProcessChannel(card), order, nodeDesk);
  expect(outcome).toBe("personalised");
}

function keySet({ keys }: CardPersonalisation): CardKeySet {
  const [master] = keys.filter(({ number }) => number === 0);
  if (master === undefined) throw new Error("expected a master");
  const groups = keys.filter(({ number }) => number !== 0);
  return {
    version: master.version,
    master: fromHex(master.value),
    groups: new Map(groups.map(({ number, value }) => [number, fromHex(value)])),
  };
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

/** Each card at the gate, with what its newest keyring holds: the version that it proved, or why not. */
function taps() {
  return Promise.all(
    cards.map(async (held) => {
      const keys = await heldKeys(held);
      const reading = await authenticateCard(openInProcessChannel(held.card), {
        primitives,
        doorGroup: keys[0]?.number ?? 1,
        random: randomBytes,
        keyFor: ({ kind }) => (kind === "desfire" ? keys : undefined),
      });
      return reading.outcome === "presented" ? reading.presentation.evidence.keyVersion : reading.outcome;
    }),
  );
}
