import {
  type CardChannel,
  CredentialError,
  credentialKeyOf,
  openInProcessChannel,
  transactionKeyOf,
  personaliseCard as writeCard,
} from "@menshen/credentials";
import { nodeDesk, pinCredentialKey } from "@menshen/credentials/node";
import { fromHex, primitives, randomBytes, toHex } from "@menshen/crypto/node";
import type { CredentialKey, DoorState } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { makeLogger } from "@menshen/service-kit";
import {
  blankDesfire,
  blankNtag424,
  blankStorageCard,
  makeDesfireCard,
  makeNtag424Card,
  makeStorageCard,
  makeUidCard,
  personaliseCard,
} from "@menshen/virtual-devices";
import type { AccessEntry } from "@menshen/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makeFindings } from "../findings.ts";
import { indexCardKeys } from "../held/card-keys.ts";
import { makeFloodWatch } from "../readers/flood-watch.ts";
import type { AppendOutcome } from "../store/journal.ts";
import type { SealedIdentity } from "../store/journal-draft.ts";
import { PLAIN_PORTAL } from "../testing/test-portal.ts";
import {
  ACCESS_POINT,
  GATE,
  READER,
  type TestModelChanges,
  testDocument,
  testModel,
  UNIT,
} from "../testing/test-site.ts";
import type { CardHabits } from "./card-habits.ts";
import { type CardSequences, makeCardSequences } from "./card-sequences.ts";
import { type CounterGuard, makeCounterGuard } from "./counter-guard.ts";
import { makeTapDesk } from "./tap-desk.ts";

const START_MS = 1_800_057_600_000;
const DESFIRE_UID = fromHex("04000000000180");
const NTAG_UID = fromHex("04000000000280");
const UID = fromHex("04000000000380");
const DESFIRE_KEY = randomBytes(16);
const NTAG_KEY = randomBytes(16);
const desfire = makeDesfireCard(blankDesfire(DESFIRE_UID), randomBytes);
const ntag = makeNtag424Card(blankNtag424(NTAG_UID), randomBytes);

beforeAll(async () => {
  const keys = (value: Uint8Array) => [
    { number: 0, version: 1, value: randomBytes(16) },
    { number: 4, version: 2, value },
  ];
  await personaliseCard(openInProcessChannel(desfire), {
    kind: "desfire",
    uid: DESFIRE_UID,
    keys: keys(DESFIRE_KEY),
  });
  await personaliseCard(openInProcessChannel(ntag), { kind: "ntag424", uid: NTAG_UID, keys: keys(NTAG_KEY) });
});

const PIN_KEY = randomBytes(16);
const pinOf = (digits: string) => pinCredentialKey(PIN_KEY, digits);
const [pin, blockedPin, duressPin, blockedDuress] = await Promise.all([
  pinOf("31415926"),
  pinOf("27182818"),
  pinOf("31415929"),
  pinOf("27182811"),
]);

const wiegand = credentialKeyOf(primitives, "wiegand", fromHex("1a000c00000159"));
/** As many bits as a UID, and the characters `0012345`. */
const raw = credentialKeyOf(primitives, "osdp-raw", fromHex("003830303132333435"));

const keyOf = (kind: "desfire" | "ntag424" | "uid", uid: Uint8Array): CredentialKey =>
  credentialKeyOf(primitives, kind, uid);

/** A desk at one door; `log` is the order of what happened. */
const bits = (value: Uint8Array, format = 0) => ({
  reader: 0,
  format,
  bitCount: value.length * 8,
  bits: value,
});

interface RigOptions {
  readonly lockOnOutdoorReader?: boolean;
  readonly withKeys?: boolean;
  /** Of the DESFire, newest first. */
  readonly desfireKeys?: readonly { readonly keyVersion: number; readonly key: Uint8Array }[];
  readonly privacyKey?: Uint8Array;
  /** Of the DESFire. */
  readonly transactionKey?: Uint8Array;
  readonly counterGuard?: CounterGuard;
  readonly sequences?: CardSequences;
  readonly habits?: Pick<CardHabits, "noted">;
  readonly withSnapshot?: boolean;
  readonly mode?: { readonly value: DoorState["mode"] };
  readonly changes?: TestModelChanges;
  readonly unlogged?: readonly CredentialKey[];
}

function rig(options: RigOptions = {}) {
  const driven = makeDrivenClock(START_MS, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: { bootId: "b", wallMs: START_MS, monotonicMs: 0, earliestMs: START_MS, latestMs: START_MS },
  });
  const model = testModel(
    [
      { key: keyOf("desfire", DESFIRE_UID), kind: "desfire", grade: "B" },
      { key: keyOf("ntag424", NTAG_UID), kind: "ntag424", grade: "B" },
      { key: keyOf("uid", UID), kind: "uid", grade: "E" },
      { key: wiegand, kind: "wiegand", grade: "E" },
      { key: raw, kind: "osdp-raw", grade: "E" },
      { key: pin, kind: "pin", grade: "D" },
      { key: blockedPin, kind: "pin", grade: "D", status: "blocked" },
    ],
    options.changes ?? { isInner: true },
  );
  const loaded = loadSnapshot(testDocument(model, 7, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const cardKeys = indexCardKeys({
    version: 1,
    gateId: GATE,
    keyringVersion: 1,
    doorGroup: 4,
    trailKeys: [],
    cards: [
      {
        credentialKey: keyOf("desfire", DESFIRE_UID),
        kind: "desfire",
        keys: (options.desfireKeys ?? [{ keyVersion: 2, key: DESFIRE_KEY }]).map((one) => ({
          number: 4,
          ...one,
          // Wiped with the keyring.
          key: one.key.slice(),
        })),
        ...(options.transactionKey === undefined
          ? {}
          : { transactionKeys: [options.transactionKey.slice()] }),
      },
      {
        credentialKey: keyOf("ntag424", NTAG_UID),
        kind: "ntag424",
        keys: [{ number: 4, keyVersion: 2, key: NTAG_KEY.slice() }],
      },
    ],
    sharedKeys: [
      { kind: "pin", key: { number: 0, keyVersion: 1, key: PIN_KEY.slice() } },
      ...(options.privacyKey === undefined
        ? []
        : [{ kind: "desfire", key: { number: 1, keyVersion: 128, key: options.privacyKey } } as const]),
    ],
    desfireApplication: Uint8Array.of(0x53, 0x4d, 0xf5),
    duress: [
      { key: duressPin, credentialKey: pin },
      { key: blockedDuress, credentialKey: blockedPin },
    ],
    holders: [pin, keyOf("desfire", DESFIRE_UID)].map((credentialKey) => ({
      credentialKey,
      holder: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1),
      isStaff: false,
      needsEscort: false,
    })),
  });
  const calls: string[] = [];
  const log: string[] = [];
  const entries: AccessEntry["body"][] = [];
  const identities: (SealedIdentity | undefined)[] = [];
  const disk: { outcome: AppendOutcome } = { outcome: { stored: true, sequence: 1 } };
  const standing = { value: false };
  const findings = makeFindings(() => undefined);
  const told: string[] = [];
  const floods = makeFloodWatch({
    source: driven.source,
    findings,
    record: (_readerId, event, count) => told.push(count === undefined ? event : `${event} ${count}`),
  });
  const desk = makeTapDesk({
    clock,
    journal: {
      async append(record) {
        await Promise.resolve();
        if (record.kind === "access") {
          entries.push(record.body);
          identities.push(record.identity);
          log.push(`journal ${record.body.granted ? "granted" : "refused"}`);
        }
        return disk.outcome;
      },
    },
    snapshot: () => (options.withSnapshot === false ? undefined : loaded.snapshot),
    cardKeys: () => (options.withKeys === false ? undefined : cardKeys),
    counterGuard: options.counterGuard ?? (() => Promise.resolve(undefined)),
    sequences: options.sequences,
    habits: options.habits,
    inPublicLog: (credentialKey) =>
      Promise.resolve(!options.unlogged?.some((key) => toHex(key) === toHex(credentialKey))),
    duress: (readerId) => void calls.push(readerId),
    placeOf: () => ({
      accessPointId: ACCESS_POINT,
      link: "osdp-own-key",
      lockOnOutdoorReader: options.lockOnOutdoorReader ?? false,
      portal: {
        ...PLAIN_PORTAL,
        doorState: () => ({ mode: options.mode?.value ?? "normal", lockdown: 0, fireRelease: false }),
        isStanding: () => standing.value,
        unlockMs: () => 1_000,
        granted: () => log.push("released"),
      },
    }),
    indicate: (_readerId, { kind }) => log.push(`shown ${kind}`),
    floods,
    logger: makeLogger({ app: "gate", level: "error" }),
  });
  const hold = (card: typeof desfire) => {
    card.powerOff();
    card.reset();
    return desk.card(READER, () => openInProcessChannel(card));
  };
  return {
    desk,
    hold,
    log,
    entries,
    identities,
    disk,
    standing,
    findings,
    floods,
    told,
    driven,
    cardKeys,
    calls,
  };
}

const immediate = () => new Promise((resolve) => setImmediate(resolve));

describe("a tap", () => {
  test.each([
    ["desfire", desfire],
    ["ntag424", ntag],
  ] as const)("by %s: journal first, then the lock, then lamp and sound", async (kind, card) => {
    const { identities, hold, log, entries } = rig();
    await hold(card);
    await immediate();
    expect(log).toEqual(["journal granted", "released", "shown granted"]);
    expect(entries[0]).toMatchObject({
      accessPointId: ACCESS_POINT,
      granted: true,
      reasons: [{ code: "rule-allows" }],
      kind,
      grade: "B",
      snapshotVersion: 7,
      lockDriven: true,
    });
    expect(entries[0]?.evidence).toMatchObject({ keyVersion: 2 });
    expect(identities).toEqual([
      { kind, credentialKey: keyOf(kind, kind === "desfire" ? DESFIRE_UID : NTAG_UID) },
    ]);
    expect(JSON.stringify(entries)).not.toContain(JSON.stringify(identities[0]?.credentialKey));
  });

  test("says what make of chip answered, and what the gate is not accustomed to of a card that it lets in", async () => {
    const asked: string[] = [];
    const habits: Pick<CardHabits, "noted"> = {
      noted(presentation, accessPointId) {
        asked.push(`${presentation.kind} ${accessPointId}`);
        return { ...presentation, evidence: { ...presentation.evidence, unaccustomed: true } };
      },
    };
    const { desk, entries, hold } = rig({ habits });
    await hold(desfire);
    await hold(ntag);
    // A mere number in the place of the card is refused: nothing is learnt of it.
    await desk.number(READER, bits(DESFIRE_UID));
    expect(entries.map(({ granted, evidence }) => [granted, evidence?.unaccustomed])).toEqual([
      [true, true],
      [true, true],
      [false, undefined],
    ]);
    expect(asked).toEqual([`desfire ${ACCESS_POINT}`, `ntag424 ${ACCESS_POINT}`]);
    const [one, other, mere] = entries.map(({ evidence }) => evidence?.fingerprint);
    expect(one).toBeTypeOf("number");
    expect(other).toBeTypeOf("number");
    expect(mere).toBeUndefined();
  });

  test("by a card that hides its number opens in either key version while keys are renewed", async () => {
    const privacyKey = randomBytes(16);
    const set = (version: number) => ({
      version,
      master: new Uint8Array(16).fill(version),
      groups: new Map([[4, new Uint8Array(16).fill(0x40 + version)]]),
    });
    const card = makeDesfireCard(blankDesfire(DESFIRE_UID, "ev3"), randomBytes);
    const options = {
      privacyKey,
      desfireKeys: [2, 1].map((version) => ({
        keyVersion: version,
        key: set(version).groups.get(4) ?? DESFIRE_KEY,
      })),
    };
    const order = {
      kind: "desfire",
      uid: DESFIRE_UID,
      privacyKey: { value: privacyKey, version: 128 },
      earlier: [set(1)],
    } as const;
    for (const version of [1, 2]) {
      const keys = set(version);
      const earlier = version === 1 ? [] : order.earlier;
      await writeCard(openInProcessChannel(card), { ...order, keys, earlier }, nodeDesk);
      const { hold, entries, identities } = rig(options);
      await hold(card);
      expect(card.uid[0]).toBe(0x08);
      expect(entries[0]).toMatchObject({
        granted: true,
        kind: "desfire",
        grade: "B",
        evidence: { keyVersion: version },
      });
      expect(identities[0]).toEqual({ kind: "desfire", credentialKey: keyOf("desfire", DESFIRE_UID) });
    }
    // Without the shared key the gate cannot even ask who it is.
    const { hold, log } = rig({ desfireKeys: options.desfireKeys });
    await hold(card);
    expect(log).not.toContain("released");
  });

  test("by a card that counts: its true count is sealed, and one that falls behind is refused", async () => {
    const keys = { version: 1, master: randomBytes(16), groups: new Map([[4, randomBytes(16)]]) };
    const transactionMac = transactionKeyOf(primitives, keys);
    const order = { kind: "desfire", uid: DESFIRE_UID, keys, transactionMac } as const;
    const state = blankDesfire(DESFIRE_UID, "ev3");
    const card = makeDesfireCard(state, randomBytes);
    await writeCard(openInProcessChannel(card), order, nodeDesk);
    const key = keys.groups.get(4) ?? DESFIRE_KEY;
    const { hold, entries, identities } = rig({
      desfireKeys: [{ keyVersion: 1, key }],
      transactionKey: transactionMac.value,
      counterGuard: makeCounterGuard(
        [],
        (name) => name,
        () => Promise.resolve(true),
      ),
    });
    await hold(card);
    // All that is on it, as a thief who has its keys would have copied it.
    const copied = makeDesfireCard(structuredClone(state), randomBytes);
    await hold(card);
    await hold(copied);
    expect(entries.map(({ granted, reasons }) => [granted, reasons])).toEqual([
      [true, [{ code: "rule-allows" }]],
      [true, [{ code: "rule-allows" }]],
      [false, [{ code: "credential-not-authentic", detail: "replay" }]],
    ]);
    expect(identities.map((identity) => identity?.counter)).toEqual([1, 2, 2]);
    for (const { evidence } of entries) expect(evidence).not.toHaveProperty("counter");
    // A file made anew has a key of its own, and counts from the beginning.
    const again = rig({
      desfireKeys: [{ keyVersion: 1, key }],
      transactionKey: randomBytes(16),
    });
    await again.hold(card);
    expect(again.entries[0]).toMatchObject({ granted: true, evidence: { counterMark: "unverified" } });
  });

  test("by a number with a number on it: a copy that falls behind is marked, and opens (complaint 15)", async () => {
    const counterGuard = makeCounterGuard(
      [],
      (name) => name,
      () => Promise.resolve(true),
    );
    const save = () => Promise.resolve(true);
    const sequences = makeCardSequences({ last: [], nameOf: (name) => name, save });
    const { hold, entries, identities } = rig({ counterGuard, sequences });
    const state = blankStorageCard("classic-1k", UID);
    await hold(makeStorageCard(state));
    const copy = structuredClone(state);
    await hold(makeStorageCard(state));
    await hold(makeStorageCard(state));
    await hold(makeStorageCard(copy));
    expect(entries.map(({ granted, kind, evidence }) => [granted, kind, evidence?.counterMark])).toEqual([
      [true, "uid", undefined],
      [true, "uid", undefined],
      [true, "uid", undefined],
      [true, "uid", "went-back"],
    ]);
    expect(identities.map((identity) => identity?.counter)).toEqual([undefined, 1, 2, 1]);
    for (const { evidence } of entries) expect(evidence).not.toHaveProperty("counter");
  });

  test("the door follows the decision when the disk is late or full", async () => {
    const { hold, log, disk } = rig();
    disk.outcome = { stored: false, cause: "late" };
    await hold(desfire);
    disk.outcome = { stored: false, cause: "disk-full" };
    await hold(ntag);
    expect(log.filter((line) => line === "released").length).toBe(2);
  });

  test("by a lock on an outdoor reader is of grade D at best", async () => {
    const { hold, entries } = rig({ lockOnOutdoorReader: true });
    await hold(desfire);
    expect(entries[0]).toMatchObject({ granted: true, grade: "D" });
  });

  test("at a door that stands open drives nothing", async () => {
    const { hold, entries, standing } = rig();
    standing.value = true;
    await hold(desfire);
    expect(entries[0]).toMatchObject({ granted: true, lockDriven: false });
  });

  test("without rules, and without keys, is refused with the reason", async () => {
    const bare = rig({ withSnapshot: false });
    await bare.hold(desfire);
    expect(bare.entries[0]).toMatchObject({
      granted: false,
      reasons: [{ code: "no-snapshot" }],
      snapshotVersion: 0,
    });
    const keyless = rig({ withKeys: false });
    await keyless.hold(desfire);
    expect(keyless.entries[0]?.granted).toBe(false);
  });

  test("that breaks on the way there is nobody's refusal", async () => {
    const { desk, log, entries } = rig();
    await desk.card(READER, () => Promise.reject(new CredentialError("transport", "the cable")));
    expect(entries).toEqual([]);
    expect(log).toEqual(["shown refused"]);
  });

  test("cut short by taking the card away says so", async () => {
    const { desk, entries } = rig();
    const inner = openInProcessChannel(desfire);
    desfire.powerOff();
    desfire.reset();
    let left = 5;
    const channel: CardChannel = {
      ...inner,
      transceive: (command) =>
        left-- > 0 ? inner.transceive(command) : Promise.reject(new CredentialError("card-removed", "gone")),
    };
    await desk.card(READER, () => channel);
    expect(entries[0]).toMatchObject({
      granted: false,
      reasons: [{ code: "credential-not-authentic", detail: "card-removed" }],
      kind: "desfire",
    });
  });

  test("goes on with its keys when a newer keyring comes in the middle of it", async () => {
    const { desk, entries, cardKeys } = rig();
    const inner = openInProcessChannel(desfire);
    desfire.powerOff();
    desfire.reset();
    let exchanges = 0;
    const channel: CardChannel = {
      ...inner,
      async transceive(command) {
        exchanges += 1;
        if (exchanges === 2) cardKeys.wipe();
        return inner.transceive(command);
      },
    };
    await desk.card(READER, () => channel);
    expect(exchanges).toBeGreaterThan(2);
    expect(entries[0]).toMatchObject({ granted: true, kind: "desfire" });
    // Afterwards they are gone.
    expect(cardKeys.of(keyOf("desfire", DESFIRE_UID))).toBeUndefined();
  });

  test("one after the other at one reader, none lost", async () => {
    const { hold, desk, entries } = rig();
    const number = { reader: 0, format: 0, bitCount: 56, bits: UID };
    await Promise.all([hold(desfire), desk.number(READER, number), desk.number(READER, number)]);
    expect(entries.map(({ kind, granted }) => [kind, granted])).toEqual([
      ["desfire", true],
      ["uid", true],
      ["uid", true],
    ]);
  });
});

describe("a number", () => {
  test("as long as a UID is looked up as what was enrolled with it", async () => {
    const { desk, entries } = rig();
    await desk.number(READER, bits(UID));
    expect(entries[0]).toMatchObject({ granted: true, kind: "uid", grade: "E" });
    expect(entries[0]?.evidence).toEqual({});
  });

  test("of a card that was enrolled with keys is a downgrade", async () => {
    const { desk, entries } = rig();
    await desk.number(READER, bits(DESFIRE_UID));
    expect(entries[0]).toMatchObject({ granted: false, kind: "uid", evidence: { downgraded: true } });
    expect(entries[0]?.reasons[0]).toMatchObject({ code: "credential-kind-mismatch", enrolled: "desfire" });
  });

  test("that nobody knows is what the reader sent", async () => {
    const { desk, entries } = rig();
    await desk.number(READER, bits(fromHex("04999999999980")));
    await desk.number(READER, bits(fromHex("aabbcc")));
    expect(entries.map(({ kind, reasons }) => [kind, reasons[0]?.code])).toEqual([
      ["osdp-raw", "credential-unknown"],
      ["osdp-raw", "credential-unknown"],
    ]);
  });

  test("of a Wiegand card opens at grade E", async () => {
    const { desk, entries } = rig();
    // 26 bits: facility 12, card 345.
    await desk.number(READER, { reader: 0, format: 1, bitCount: 26, bits: fromHex("0600ac80") });
    expect(entries[0]).toMatchObject({ granted: true, kind: "wiegand", grade: "E" });
  });

  test("that was enrolled as raw bits opens at grade E, as bits, as characters, and read backwards", async () => {
    const { desk, entries } = rig();
    const characters = new TextEncoder().encode("0012345");
    await desk.number(READER, bits(characters));
    await desk.text(READER, { reader: 0, direction: 0, characters });
    await desk.text(READER, { reader: 0, direction: 1, characters: characters.toReversed() });
    await desk.text(READER, { reader: 0, direction: 0, characters: characters.toReversed() });
    expect(entries.map(({ kind, grade, granted }) => [kind, grade, granted])).toEqual([
      ["osdp-raw", "E", true],
      ["osdp-raw", "E", true],
      ["osdp-raw", "E", true],
      ["osdp-raw", "E", false],
    ]);
  });

  test("in characters beyond all measure is no credential at all", async () => {
    const { desk, entries, log } = rig();
    await desk.text(READER, { reader: 0, direction: 0, characters: new Uint8Array(200).fill(0x31) });
    expect(entries).toEqual([]);
    expect(log).toEqual(["shown refused"]);
  });

  test("with wrong parity is no credential at all", async () => {
    const { desk, entries, log } = rig();
    await desk.number(READER, { reader: 0, format: 1, bitCount: 26, bits: fromHex("ffffff80") });
    expect(entries).toEqual([]);
    expect(log).toEqual(["shown refused"]);
  });

  test("sent without end is counted beyond the limit, and grants still pass", async () => {
    const { desk, entries, findings, told, driven } = rig();
    const unknown = bits(fromHex("04999999999980"));
    for (let i = 0; i < 260; i++) await desk.number(READER, unknown);
    expect(entries.length).toBe(200);
    expect(findings.has("reader-flooded", READER)).toBe(true);
    await desk.number(READER, bits(UID));
    expect(entries.length).toBe(201);
    await driven.moveTo(START_MS + 1_000, 1_000);
    await desk.number(READER, unknown);
    expect(entries.length).toBe(202);
    expect(told).toEqual(["flooded"]);
    await driven.moveTo(START_MS + 31_000, 31_000);
    expect(findings.has("reader-flooded", READER)).toBe(false);
    expect(told).toEqual(["flooded", "flood-ended 60"]);
  });

  test("sent without end at one reader keeps the next reader waiting for none of it", async () => {
    const { desk, entries } = rig();
    const unknown = bits(fromHex("04999999999980"));
    for (let i = 0; i < 5_000; i++) void desk.number(READER, unknown);
    await desk.number(UNIT, bits(UID));
    const first = entries.findIndex(({ granted }) => granted);
    // Readers take turns, one tap each: of the five thousand before it at the other reader it waited for one.
    expect(first).toBeGreaterThanOrEqual(0);
    expect(first).toBeLessThanOrEqual(1);
    for (let turn = 0; turn < 1_000; turn++) await Promise.resolve();
    expect(entries.length).toBe(17);
  });
});

test("a card that nobody enrolled is told to the sealer as a stranger's, also at a door that stands open", async () => {
  const mode: { value: DoorState["mode"] } = { value: "normal" };
  const { desk, hold, entries, identities } = rig({ mode });
  const stranger = Uint8Array.of(4, 9, 9, 9, 9, 9, 9);
  await hold(makeUidCard(stranger));
  mode.value = "held-open";
  await hold(makeUidCard(stranger));
  await hold(desfire);
  // A number as long as a UID may be any of several; the enrolled one among them is meant.
  await desk.number(READER, bits(DESFIRE_UID));
  expect(entries.map(({ granted, reasons }) => [granted, reasons[0]?.code])).toEqual([
    [false, "credential-unknown"],
    [true, "portal-unlocked"],
    [true, "portal-unlocked"],
    [true, "portal-unlocked"],
  ]);
  expect(identities.map((identity) => identity?.isStranger ?? false)).toEqual([true, true, false, false]);
  expect(identities[3]?.credentialKey).toEqual(keyOf("desfire", DESFIRE_UID));
});

test("a copy made with other keys, or of a number only, never passes", async () => {
  const { identities, hold, entries } = rig();
  const forged = makeDesfireCard(blankDesfire(DESFIRE_UID), randomBytes);
  await personaliseCard(openInProcessChannel(forged), {
    kind: "desfire",
    uid: DESFIRE_UID,
    keys: [
      { number: 0, version: 1, value: randomBytes(16) },
      { number: 4, version: 2, value: randomBytes(16) },
    ],
  });
  await hold(forged);
  await hold(makeUidCard(DESFIRE_UID));
  expect(entries.map(({ granted, reasons }) => [granted, reasons[0]?.code])).toEqual([
    [false, "credential-not-authentic"],
    [false, "credential-kind-mismatch"],
  ]);
  expect(identities[0]?.credentialKey).toEqual(identities[1]?.credentialKey);
});

describe("a PIN", () => {
  test("that is somebody's opens at grade D", async () => {
    const { desk, log, entries, identities } = rig();
    expect(await desk.pin(READER, "31415926")).toBe(false);
    await immediate();
    expect(log).toEqual(["journal granted", "released", "shown granted"]);
    expect(entries[0]).toMatchObject({ granted: true, kind: "pin", grade: "D", lockDriven: true });
    expect(identities).toEqual([{ kind: "pin", credentialKey: pin }]);
  });

  test("that is blocked is refused, and no guess", async () => {
    const { desk, entries } = rig();
    expect(await desk.pin(READER, "27182818")).toBe(false);
    expect(entries[0]).toMatchObject({ granted: false, reasons: [{ code: "credential-blocked" }] });
  });

  test("that is nobody's is a guess, and nothing of its digits is recorded", async () => {
    const { desk, entries, identities } = rig();
    expect(await desk.pin(READER, "31415927")).toBe(true);
    expect(entries[0]).toMatchObject({
      granted: false,
      reasons: [{ code: "credential-unknown" }],
      kind: "pin",
      evidence: {},
    });
    expect(identities).toEqual([undefined]);
  });

  test("without keys or rules is refused, and no guess", async () => {
    const keyless = rig({ withKeys: false });
    expect(await keyless.desk.pin(READER, "31415926")).toBe(false);
    expect(keyless.log).toEqual(["shown refused"]);
    const bare = rig({ withSnapshot: false });
    expect(await bare.desk.pin(READER, "31415926")).toBe(false);
    expect(bare.entries[0]).toMatchObject({ granted: false, reasons: [{ code: "no-snapshot" }] });
  });
});

describe("a duress PIN", () => {
  test.each([
    ["opens what the holder's PIN opens", "31415926", "31415929"],
    ["is refused where the holder's PIN is refused", "27182818", "27182811"],
  ])("%s: the same entry, light and sound, and the guards are called", async (_what, own, forced) => {
    const plain = rig();
    expect(await plain.desk.pin(READER, own)).toBe(false);
    await immediate();
    await immediate();
    const duress = rig();
    expect(await duress.desk.pin(READER, forced)).toBe(false);
    await immediate();
    await immediate();
    expect(duress.entries).toEqual(plain.entries);
    expect(duress.identities).toEqual(plain.identities);
    expect(duress.log).toEqual(plain.log);
    expect(duress.findings.list()).toEqual(plain.findings.list());
    expect(plain.calls).toEqual([]);
    expect(duress.calls).toEqual([READER]);
  });

  test("calls the guards also in a lockdown, and where the door has no rules", async () => {
    const locked = rig({ mode: { value: "locked" } });
    await locked.desk.pin(READER, "31415929");
    const bare = rig({ withSnapshot: false });
    await bare.desk.pin(READER, "31415929");
    await immediate();
    expect(locked.entries[0]).toMatchObject({ granted: false });
    expect([locked.calls, bare.calls]).toEqual([[READER], [READER]]);
  });
});

describe("card and PIN together", () => {
  const BOTH = { isInner: true, cardAndPin: true };

  test.each([
    ["the holder's PIN", "31415926", []],
    ["the duress PIN", "31415929", [READER]],
  ])("%s after the card: a lamp asks for it, then the door opens", async (_what, digits, calls) => {
    const seen = rig({ changes: BOTH });
    await seen.hold(desfire);
    expect(await seen.desk.pin(READER, digits)).toBe(false);
    await immediate();
    await immediate();
    expect(seen.log).toEqual([
      "journal refused",
      "shown awaiting-factor",
      "journal granted",
      "released",
      "shown granted",
    ]);
    const [first, second] = seen.entries;
    expect(first).toMatchObject({
      reasons: [{ code: "second-factor-needed", missing: "pin" }],
      kind: "desfire",
    });
    expect(second).toMatchObject({
      reasons: [{ code: "rule-allows" }],
      kind: "desfire",
      grade: "B",
      evidence: { keyVersion: 2 },
    });
    expect(seen.identities.at(-1)).toEqual({ kind: "desfire", credentialKey: keyOf("desfire", DESFIRE_UID) });
    expect(seen.calls).toEqual(calls);
  });

  test("a duress PIN that comes first calls at once, and the card opens after it", async () => {
    const seen = rig({ changes: BOTH });
    await seen.desk.pin(READER, "31415929");
    await immediate();
    expect(seen.calls).toEqual([READER]);
    await seen.hold(desfire);
    await immediate();
    expect(seen.log.slice(0, 4)).toEqual([
      "journal refused",
      "shown awaiting-factor",
      "journal granted",
      "released",
    ]);
  });

  test("a wrong PIN after the card is a guess as ever, and opens nothing", async () => {
    const { desk, hold, log } = rig({ changes: BOTH });
    await hold(desfire);
    expect(await desk.pin(READER, "31415927")).toBe(true);
    expect(log).not.toContain("released");
    expect(log.at(-1)).toBe("shown refused");
  });

  test.each([
    ["the card", [keyOf("desfire", DESFIRE_UID)]],
    ["the PIN", [pin]],
  ])("does not open before the public log has %s", async (_what, unlogged) => {
    const { desk, hold, entries, log } = rig({ changes: BOTH, unlogged });
    await hold(desfire);
    await desk.pin(READER, "31415926");
    expect(entries[1]).toMatchObject({ granted: false, reasons: [{ code: "credential-not-in-log" }] });
    expect(log).not.toContain("released");
  });

  test("the card's count is checked when it opens, and once", async () => {
    const checked: (number | undefined)[] = [];
    const { desk, hold } = rig({
      changes: BOTH,
      counterGuard: ({ kind, evidence }) => {
        checked.push(kind === "desfire" ? evidence.keyVersion : undefined);
        return Promise.resolve(undefined);
      },
    });
    await hold(desfire);
    expect(checked).toEqual([]);
    await desk.pin(READER, "31415926");
    expect(checked).toEqual([2]);
  });
});
