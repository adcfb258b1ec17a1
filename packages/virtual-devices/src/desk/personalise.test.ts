import {
  authenticateApplication,
  commitTransaction,
  credentialKeyOf,
  emptyPersonalisedCard,
  openInProcessChannel,
  personaliseCard,
  readFile,
  readHiddenUid,
  readSunText,
  slotKey,
  transactionKeyOf,
  verifySun,
  verifyTransactionMac,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { makeDesfireCard } from "../card/desfire-card.ts";
import { blankDesfire } from "../card/desfire-state.ts";
import {
  blankCard,
  counting,
  desk,
  keySet,
  LRP_ORDER,
  PRIVACY_KEY,
  READER_ID,
  readAtGate,
  torn,
  UID,
  VARIANTS,
} from "./personalise.test-support.ts";

const { fromHex, toHex } = primitives;

function variant(name: string) {
  const found = VARIANTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no variant ${name}`);
  return found.order;
}

describe.each(VARIANTS)("$name", ({ order }) => {
  test("from the factory to the door, with grade B and its key version", async () => {
    const card = blankCard(order);
    expect(await personaliseCard(openInProcessChannel(card), order, desk)).toEqual({
      outcome: "personalised",
    });
    for (const group of order.keys.groups.keys()) {
      expect(await readAtGate(card, [order.keys], group)).toMatchObject({
        outcome: "presented",
        presentation: {
          kind: order.kind,
          grade: "B",
          credentialKey: credentialKeyOf(primitives, order.kind, UID),
          evidence: { keyVersion: 1 },
        },
      });
    }
  });

  test("torn at any command, it is finished by the same order", async () => {
    const measured = counting(blankCard(order));
    await personaliseCard(measured.channel, order, desk);
    expect(measured.count()).toBeGreaterThan(20);
    for (let index = 0; index < measured.count(); index += 1) {
      for (const when of ["before", "after"] as const) {
        const card = blankCard(order);
        await expect(personaliseCard(torn(card, index, when), order, desk)).rejects.toMatchObject({
          code: "card-removed",
        });
        const outcome = await personaliseCard(openInProcessChannel(card), order, desk);
        expect([index, when, outcome]).toEqual([index, when, { outcome: "personalised" }]);
        const [group = 1] = order.keys.groups.keys();
        expect(await readAtGate(card, [order.keys], group)).toMatchObject({ outcome: "presented" });
      }
    }
  });

  test("torn at any command, it can be emptied and given to another community", async () => {
    const measured = counting(blankCard(order));
    await personaliseCard(measured.channel, order, desk);
    const other = { ...order, keys: keySet(3, [...order.keys.groups.keys()], 0x99) };
    for (let index = 0; index < measured.count(); index += 3) {
      const card = blankCard(order);
      await personaliseCard(torn(card, index, "after"), order, desk).catch(() => undefined);
      expect(await emptyPersonalisedCard(openInProcessChannel(card), order, desk)).toEqual({
        outcome: "blank",
      });
      expect([index, await personaliseCard(openInProcessChannel(card), other, desk)]).toEqual([
        index,
        { outcome: "personalised" },
      ]);
    }
  });

  test("an emptying torn at any command is finished by another", async () => {
    const finished = blankCard(order);
    await personaliseCard(openInProcessChannel(finished), order, desk);
    const measured = counting(finished);
    await emptyPersonalisedCard(measured.channel, order, desk);
    for (let index = 0; index < measured.count(); index += 1) {
      const card = blankCard(order);
      await personaliseCard(openInProcessChannel(card), order, desk);
      await emptyPersonalisedCard(torn(card, index, "after"), order, desk).catch(() => undefined);
      expect([index, await emptyPersonalisedCard(openInProcessChannel(card), order, desk)]).toEqual([
        index,
        { outcome: "blank" },
      ]);
    }
  });

  test("keys are renewed; torn at any command the card opens at gates that hold both versions, and is finished", async () => {
    const groups = [...order.keys.groups.keys()];
    const [group = 1] = groups;
    const next = { ...order, keys: keySet(2, groups), earlier: [order.keys] };
    const issue = async () => {
      const card = blankCard(order);
      await personaliseCard(openInProcessChannel(card), order, desk);
      return card;
    };
    const measured = counting(await issue());
    await personaliseCard(measured.channel, next, desk);
    const versions = new Set<number | undefined>();
    for (let index = 0; index < measured.count(); index += 1) {
      const card = await issue();
      await personaliseCard(torn(card, index, "after"), next, desk).catch(() => undefined);
      const between = await readAtGate(card, [next.keys, order.keys], group);
      expect([index, between.outcome]).toEqual([index, "presented"]);
      if (between.outcome === "presented") versions.add(between.presentation.evidence.keyVersion);
      expect(await personaliseCard(openInProcessChannel(card), next, desk)).toEqual({
        outcome: "personalised",
      });
      expect(await readAtGate(card, [next.keys], group)).toMatchObject({ outcome: "presented" });
      expect(await readAtGate(card, [order.keys], group)).toMatchObject({ outcome: "not-authentic" });
    }
    expect(versions).toEqual(new Set([1, 2]));
  });

  test("a finished card is only verified by the same order", async () => {
    const card = blankCard(order);
    await personaliseCard(openInProcessChannel(card), order, desk);
    const again = counting(card);
    expect(await personaliseCard(again.channel, order, desk)).toEqual({ outcome: "personalised" });
    expect(again.count()).toBeLessThan(35);
  });

  test("another card, another kind and another community's card are refused", async () => {
    const other = { ...order, uid: fromHex("04000000000001") };
    expect(await personaliseCard(openInProcessChannel(blankCard(other)), order, desk)).toEqual({
      outcome: "other-card",
    });
    const [wrongKind] = VARIANTS.filter((one) => one.order.kind !== order.kind);
    if (wrongKind === undefined) throw new Error("expected two kinds");
    expect(await personaliseCard(openInProcessChannel(blankCard(wrongKind.order)), order, desk)).toEqual({
      outcome: "other-card",
    });
    const card = blankCard(order);
    const foreign = { ...order, keys: keySet(1, [...order.keys.groups.keys()], 0x99) };
    await personaliseCard(openInProcessChannel(card), foreign, desk);
    expect(await personaliseCard(openInProcessChannel(card), order, desk)).toMatchObject({
      outcome: "foreign",
    });
    expect(await emptyPersonalisedCard(openInProcessChannel(card), order, desk)).toMatchObject({
      outcome: "foreign",
    });
  });
});

describe.each(VARIANTS.filter(({ order }) => order.privacyKey !== undefined))("$name", ({ order }) => {
  test("tells everybody a random number, and whoever proves the privacy key its own", async () => {
    const card = blankCard(order);
    await personaliseCard(openInProcessChannel(card), order, desk);
    const seen = [openInProcessChannel(card).uid, openInProcessChannel(card).uid].map((uid) =>
      toHex(uid ?? UID),
    );
    for (const uid of seen) expect(uid).toMatch(/^08[0-9a-f]{6}$/);
    expect(seen[0]).not.toBe(seen[1]);
    const read = (key: Uint8Array) => readHiddenUid(openInProcessChannel(card), order.kind, key, desk);
    expect(await read(PRIVACY_KEY.value)).toEqual(UID);
    expect(await read(new Uint8Array(16))).toBeUndefined();
  });
});

test("a card in LRP mode refuses AES, and gates follow what it answers", async () => {
  const order = LRP_ORDER;
  const card = blankCard(order);
  await personaliseCard(openInProcessChannel(card), order, desk);
  const channel = openInProcessChannel(card);
  await channel.transceive(fromHex("00a4040c07d276000085010100"));
  // Without the reader's capability of LRP, and with it.
  expect(toHex(await channel.transceive(fromHex("907100000201000000".slice(0, 16))))).toBe("919d");
  const challenge = toHex(await channel.transceive(fromHex("907100000301010200")));
  expect(challenge).toMatch(/^01[0-9a-f]{32}91af$/);
  expect(await readAtGate(card, [order.keys], 2)).toMatchObject({
    presentation: { kind: "ntag424", grade: "B", evidence: { keyVersion: 1 } },
  });
  const wrong = keySet(1, [2], 0x55);
  expect(await readAtGate(card, [wrong], 2)).toMatchObject({ outcome: "not-authentic", detail: "wrong-key" });
});

test("the switch to LRP, torn at any command of it, is finished by the same order; keys are renewed and emptied after it", async () => {
  const measured = counting(blankCard(LRP_ORDER));
  await personaliseCard(measured.channel, LRP_ORDER, desk);
  const { secureMessaging: _, ...inAes } = LRP_ORDER;
  const before = counting(blankCard(inAes));
  await personaliseCard(before.channel, inAes, desk);
  // From the last commands before the switch to those after it: the rest is the flow of every NTAG 424.
  const switchAt = before.count() - 8;
  for (const [index, when] of [0, 1, 2, 3, 4, 5].flatMap((step) =>
    (["before", "after"] as const).map((at) => [switchAt + step, at] as const),
  )) {
    const card = blankCard(LRP_ORDER);
    await personaliseCard(torn(card, index, when), LRP_ORDER, desk).catch(() => undefined);
    const outcome = await personaliseCard(openInProcessChannel(card), LRP_ORDER, desk);
    expect([index, when, outcome]).toEqual([index, when, { outcome: "personalised" }]);
  }
  const card = blankCard(LRP_ORDER);
  await personaliseCard(openInProcessChannel(card), LRP_ORDER, desk);
  const next = { ...LRP_ORDER, keys: keySet(2, [1, 2]), earlier: [LRP_ORDER.keys] };
  expect(await personaliseCard(openInProcessChannel(card), next, desk)).toEqual({ outcome: "personalised" });
  expect(await readAtGate(card, [next.keys, LRP_ORDER.keys], 1)).toMatchObject({
    presentation: { evidence: { keyVersion: 2 } },
  });
  expect(await emptyPersonalisedCard(openInProcessChannel(card), next, desk)).toEqual({ outcome: "blank" });
});

test("a DESFire in LRP mode is read like one in AES mode", async () => {
  const { order } = VARIANTS[0] ?? {};
  if (order === undefined) throw new Error("expected a variant");
  const state = blankDesfire(order.uid, "ev3");
  const card = makeDesfireCard(state, primitives.randomBytes);
  await personaliseCard(openInProcessChannel(card), order, desk);
  const before = counting(card);
  await readAtGate(before.channel, [order.keys], 4);
  state.lrp = true;
  const after = counting(card);
  expect(await readAtGate(after.channel, [order.keys], 4)).toMatchObject({
    presentation: { kind: "desfire", grade: "B" },
  });
  // One refusal more.
  expect(after.count() - before.count()).toBe(1);
});

test("a card in LRP mode torn from the field at any command proves nothing, and the next tap is read", async () => {
  const order = LRP_ORDER;
  const card = blankCard(order);
  await personaliseCard(openInProcessChannel(card), order, desk);
  const measured = counting(card);
  await readAtGate(measured.channel, [order.keys], 1);
  for (let index = 0; index < measured.count(); index += 1) {
    const cut = await readAtGate(torn(card, index, "after"), [order.keys], 1);
    expect([index, cut.outcome]).toEqual([index, "not-authentic"]);
    expect(await readAtGate(card, [order.keys], 1)).toMatchObject({ outcome: "presented" });
  }
});

const TRANSACTION_KEY = new Uint8Array(16).fill(0x3c);

describe("a DESFire that counts its taps", () => {
  const order = variant("DESFire with random UID and transaction MAC");
  const groupKey = order.keys.groups.get(2) ?? new Uint8Array(16);

  async function counted() {
    const card = blankCard(order);
    await personaliseCard(openInProcessChannel(card), order, desk);
    return card;
  }
  const count = (transactionKeys: readonly Uint8Array[] = [TRANSACTION_KEY]) => ({
    transactionKeysFor: () => transactionKeys,
    readerId: READER_ID,
  });

  test("proves each count with its transaction key, to whoever knows reader, number and what was read", async () => {
    const card = await counted();
    for (const counter of [1, 2]) {
      const channel = openInProcessChannel(card);
      await channel.transceive(fromHex("905a000003534df500"));
      const session = await authenticateApplication(
        channel,
        { primitives, key: groupKey },
        { keyNumber: 2, secureMessaging: "aes", rndA: primitives.randomBytes(16) },
      );
      if (session === undefined) throw new Error("expected a session");
      const content = await readFile(channel, session, {
        number: 1,
        offset: 0,
        lengthBytes: 16,
        mode: "full",
      });
      const transaction = await commitTransaction(channel, session, READER_ID);
      expect(transaction.counter).toBe(counter);
      const steps = [{ command: 0xad, fileNumber: 1, offset: 0, lengthBytes: 16, data: content }];
      const verify = (changes: object) =>
        verifyTransactionMac(primitives, {
          key: TRANSACTION_KEY,
          uid: UID,
          readerId: READER_ID,
          steps,
          transaction,
          ...changes,
        });
      expect(verify({})).toBe(true);
      expect(verify({ readerId: new Uint8Array(16) })).toBe(false);
      expect(verify({ uid: fromHex("04a1b2c3d4e5f7") })).toBe(false);
      expect(verify({ steps: [] })).toBe(false);
      expect(verify({ transaction: { ...transaction, counter: counter + 1 } })).toBe(false);
      expect(verify({ key: groupKey })).toBe(false);
    }
  });

  test("is read at a gate with a count that rises by one a tap", async () => {
    const card = await counted();
    for (const counter of [1, 2, 3]) {
      const reading = await readAtGate(card, [order.keys], 2, count([new Uint8Array(16), TRANSACTION_KEY]));
      expect(reading).toMatchObject({
        outcome: "presented",
        presentation: { grade: "B", evidence: { keyVersion: 1, counter } },
      });
      if (reading.outcome !== "presented") throw new Error("expected a presentation");
      expect(reading.presentation.counterSeries?.length).toBe(8);
    }
  });

  test("is proved and marked where its code is of another key, or it does not count at all", async () => {
    expect(await readAtGate(await counted(), [order.keys], 2, count([groupKey]))).toMatchObject({
      presentation: { grade: "B", evidence: { keyVersion: 1, counterMark: "unverified" } },
    });
    const { transactionMac: _, ...plain } = order;
    const card = blankCard(plain);
    await personaliseCard(openInProcessChannel(card), plain, desk);
    expect(await readAtGate(card, [order.keys], 2, count())).toMatchObject({
      presentation: { grade: "B", evidence: { keyVersion: 1, counterMark: "missing" } },
    });
  });

  test("torn from the field at any command, the next tap is read, and its count is above the last", async () => {
    const measured = counting(await counted());
    await readAtGate(measured.channel, [order.keys], 2, count());
    expect(measured.count()).toBeGreaterThan(8);
    const outcomes = new Set<string>();
    for (let index = 0; index < measured.count(); index += 1) {
      for (const when of ["before", "after"] as const) {
        const card = await counted();
        await readAtGate(card, [order.keys], 2, count());
        const cut = await readAtGate(torn(card, index, when), [order.keys], 2, count());
        outcomes.add(cut.outcome === "presented" ? `${cut.presentation.evidence.counterMark}` : cut.outcome);
        const next = await readAtGate(card, [order.keys], 2, count());
        if (next.outcome !== "presented") throw new Error(`expected a presentation after ${index}`);
        expect(next.presentation.evidence.counterMark).toBeUndefined();
        expect(next.presentation.evidence.counter).toBeGreaterThan(1);
      }
    }
    // Removed before it proved anything it opens nothing; removed while it counts, it has proved itself.
    expect(outcomes).toEqual(new Set(["not-authentic", "torn"]));
  });

  test("gets a new key and a new count when it is enrolled again, also torn at any command", async () => {
    const value = new Uint8Array(16).fill(0x4d);
    const again = { ...order, transactionMac: { version: 1, value } };
    const used = async () => {
      const card = await counted();
      await readAtGate(card, [order.keys], 2, count());
      return card;
    };
    const measured = counting(await used());
    await personaliseCard(measured.channel, again, desk);
    for (let index = 0; index < measured.count(); index += 1) {
      const card = await used();
      await personaliseCard(torn(card, index, "after"), again, desk).catch(() => undefined);
      expect(await readAtGate(card, [order.keys], 2, count([value, TRANSACTION_KEY]))).toMatchObject({
        outcome: "presented",
      });
      expect(await personaliseCard(openInProcessChannel(card), again, desk)).toEqual({
        outcome: "personalised",
      });
      const reading = await readAtGate(card, [order.keys], 2, count([value]));
      if (reading.outcome !== "presented") throw new Error("expected a presentation");
      expect(reading.presentation.evidence.counterMark).toBeUndefined();
      expect(reading.presentation.evidence.counter).toBeLessThan(5);
    }
  });

  test("keys of transactions differ by master, version and life", () => {
    const key = (set: Parameters<typeof transactionKeyOf>[1], life?: Uint8Array) =>
      toHex(transactionKeyOf(primitives, set, life).value);
    const keys = [
      key(keySet(1, [1])),
      key(keySet(2, [1])),
      key(keySet(1, [1]), new Uint8Array(16).fill(1)),
      key(keySet(1, [1], 0x99)),
    ];
    expect(new Set(keys).size).toBe(4);
    expect(keys[0]).toBe(key(keySet(1, [4])));
  });
});

test("an NTAG 424 shows telephones an address that its server can verify", async () => {
  const order = variant("NTAG 424 with random UID and address");
  const card = blankCard(order);
  await personaliseCard(openInProcessChannel(card), order, desk);
  const channel = openInProcessChannel(card);
  await channel.transceive(fromHex("00a4040c07d276000085010100"));
  await channel.transceive(fromHex("00a4000c02e10400"));
  const file = await channel.transceive(fromHex("00b0000000"));
  const lengthBytes = (file[0] ?? 0) * 256 + (file[1] ?? 0);
  const record = file.slice(2, 2 + lengthBytes);
  expect(toHex(record.subarray(0, 5))).toBe(`d101${(lengthBytes - 4).toString(16)}5504`);
  const text = new TextDecoder().decode(record.subarray(5));
  expect(text).toMatch(/^gate\.example\/t\?p=[0-9A-F]{32}&c=[0-9A-F]{16}$/);
  const layout = { mode: "aes", piccDataOffset: 17, macInputOffset: 17, macOffset: 52 } as const;
  const message = readSunText(text, layout);
  if (message === undefined) throw new Error("expected a message");
  const verified = verifySun({
    primitives,
    message,
    metaKey: PRIVACY_KEY.value,
    fileKeyFor: () => slotKey(primitives, order.keys, { in: "access", number: 3 }),
  });
  expect(verified).toMatchObject({ outcome: "verified", uid: UID, counter: 1 });
});

test.each([
  { changes: { uid: new Uint8Array(4) } },
  { changes: { keys: keySet(0, [1]) } },
  { changes: { keys: keySet(128, [1]) } },
  { changes: { keys: keySet(1, []) } },
  { changes: { keys: keySet(1, [14]) } },
  { changes: { keys: keySet(1, [1, 2, 3, 4, 5, 6, 7, 8, 9]) } },
  { changes: { earlier: [keySet(1, [1])] } },
  { changes: { privacyKey: { value: new Uint8Array(16), version: 1 } } },
  { changes: { sun: { address: "https://gate.example/{picc}{cmac}" } } },
  { changes: { kind: "ntag424", transactionMac: { version: 1, value: new Uint8Array(16) } } },
  { changes: { transactionMac: { version: 1, value: new Uint8Array(15) } } },
  { changes: { secureMessaging: "lrp" } },
  { changes: { kind: "ntag424", keys: keySet(1, [4]), privacyKey: PRIVACY_KEY } },
  {
    changes: { kind: "ntag424", keys: keySet(1, [1]), sun: { address: "https://gate.example/{picc}{cmac}" } },
  },
])("an order that no card can be is refused: $changes", async ({ changes }) => {
  const base = { kind: "desfire", uid: UID, keys: keySet(1, [1]) } as const;
  const order = Object.assign({ ...base }, changes);
  const measured = counting(blankCard(base));
  await expect(personaliseCard(measured.channel, order, desk)).rejects.toMatchObject({
    code: "bad-argument",
  });
  expect(measured.count()).toBe(0);
});
