import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialKeyOf, encodeWiegand, openInProcessChannel } from "@menshen/credentials";
import { pinCredentialKey } from "@menshen/credentials/node";
import { fromHex, primitives, randomBytes, x25519PublicKey } from "@menshen/crypto/node";
import { makeTrailOpener } from "@menshen/custody";
import { Instant } from "@menshen/domain";
import { makePeripheralLine, openTransport, type PeripheralLine, systemTimers } from "@menshen/osdp";
import { makeLogger, makeStopOrder, type StopOrder } from "@menshen/service-kit";
import {
  blankDesfire,
  blankNtag424,
  type Door,
  makeDesfireCard,
  makeDoor,
  makeNtag424Card,
  makeUidCard,
  makeVirtualIoUnit,
  makeVirtualReader,
  personaliseCard,
  type VirtualCard,
  type VirtualIoUnit,
  type VirtualReader,
} from "@menshen/virtual-devices";
import { type AccessEntry, type JournalEntry, type Keyring, uuidBytes } from "@menshen/wire";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { askGate } from "./admin/admin-socket.ts";
import { type Gate, startGate } from "./gate.ts";
import { makeCardKeys } from "./testing/test-cards.ts";
import { startTestCommunity, type TestCommunity } from "./testing/test-community.ts";
import {
  CONTACT_INPUT,
  configOf,
  EXIT_INPUT,
  FIRE_INPUT,
  letReadersTakeKeys,
} from "./testing/test-config.ts";
import {
  holdCeremony,
  makeCustodians,
  openSealed,
  type TestCeremony,
  type TestCustodians,
  testTrail,
} from "./testing/test-custody.ts";
import {
  ACCESS_POINT,
  GATE,
  PORTAL,
  READER,
  type TestCredential,
  testDocument,
  testModel,
  UNIT,
} from "./testing/test-site.ts";

const DESFIRE_UID = fromHex("04000000000180");
const NTAG_UID = fromHex("04000000000280");
const PLAIN_UID = fromHex("04000000000380");
const RESIDENT_SECRET = randomBytes(32);
const ANCHOR = Instant(Date.now() - 3 * 86_400_000);

let folder: string;
let line: PeripheralLine;
let reader: VirtualReader;
let unit: VirtualIoUnit;
let door: Door;
let community: TestCommunity;
let desfire: VirtualCard;
let ntag: VirtualCard;
let keyring: Keyring;
let gate: Gate;
let stopOrder: StopOrder;
let custodians: TestCustodians;
let ceremony: TestCeremony;
const releases: boolean[] = [];

const credential = (kind: "desfire" | "ntag424" | "uid", uid: Uint8Array): TestCredential => ({
  key: credentialKeyOf(primitives, kind, uid),
  kind,
  grade: kind === "uid" ? "E" : "B",
});
const PIN_KEY = randomBytes(16);
const credentials: TestCredential[] = [
  {
    key: credentialKeyOf(primitives, "wiegand", fromHex("1a000c00000159")),
    kind: "wiegand",
    grade: "E",
  },
  {
    key: credentialKeyOf(primitives, "osdp-raw", fromHex("003830303132333435")),
    kind: "osdp-raw",
    grade: "E",
  },
  { key: await pinCredentialKey(PIN_KEY, "31415926"), kind: "pin", grade: "D" },
  credential("desfire", DESFIRE_UID),
  credential("ntag424", NTAG_UID),
  credential("uid", PLAIN_UID),
];

async function personalisedKeys(card: VirtualCard, kind: "desfire" | "ntag424", uid: Uint8Array) {
  const { onCard, atGate } = makeCardKeys(kind, uid);
  await personaliseCard(openInProcessChannel(card), { kind, uid, keys: onCard });
  card.powerOff();
  return atGate;
}

async function start(): Promise<void> {
  const logger = makeLogger({ app: "gate", level: "error" });
  stopOrder = makeStopOrder(logger);
  const config = configOf(folder, community);
  gate = await startGate(config, logger, stopOrder);
  await letReadersTakeKeys(config);
}

const trailOf = (trailVersion: number) =>
  testTrail({
    trailVersion,
    anchor: ANCHOR,
    custodians,
    ceremony,
    peers: [{ gateId: GATE, ...community.gateKeys() }],
  });

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 15_000, interval: 10 });
const accesses = (): AccessEntry[] =>
  community.entries.filter((entry): entry is AccessEntry => entry.kind === "access");
const events = (kind: "portal" | "reader" | "gate"): string[] =>
  community.entries
    .filter((entry): entry is Exclude<JournalEntry, AccessEntry> => entry.kind === kind)
    .map(({ body }) => body.event);

async function nextAccess(act: () => unknown): Promise<AccessEntry["body"]> {
  const before = accesses().length;
  await act();
  return await until(() => {
    const entry = accesses()[before];
    if (entry === undefined) throw new Error("no access entry yet");
    return entry.body;
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gate-"));
  community = await startTestCommunity(GATE);
  const transport = await openTransport(`unix-listen:${join(folder, "bus.sock")}`);
  line = makePeripheralLine({ transport, timers: systemTimers, random: randomBytes });
  door = makeDoor(systemTimers, { openingMs: 20, passingMs: 100, closingMs: 50 });
  door.onRelease((released) => releases.push(released));
  reader = makeVirtualReader(line, { address: 0, timers: systemTimers });
  unit = makeVirtualIoUnit(line, {
    address: 1,
    timers: systemTimers,
    inputCount: 4,
    outputCount: 2,
    doors: [{ door, strikeOutput: 0, contactInput: CONTACT_INPUT, exitInput: EXIT_INPUT }],
  });
  desfire = makeDesfireCard(blankDesfire(DESFIRE_UID), randomBytes);
  ntag = makeNtag424Card(blankNtag424(NTAG_UID), randomBytes);
  keyring = {
    version: 1,
    gateId: GATE,
    keyringVersion: 1,
    doorGroup: 1,
    trailKeys: [
      {
        credentialKey: credentialKeyOf(primitives, "desfire", DESFIRE_UID),
        key: x25519PublicKey(RESIDENT_SECRET),
      },
    ],
    cards: [
      await personalisedKeys(desfire, "desfire", DESFIRE_UID),
      await personalisedKeys(ntag, "ntag424", NTAG_UID),
    ],
    sharedKeys: [{ kind: "pin", key: { number: 0, keyVersion: 1, key: PIN_KEY } }],
    desfireApplication: Uint8Array.of(0x53, 0x4d, 0xf5),
  };
  await start();
  await until(() => expect(community.isConnected()).toBe(true));
  await community.sendKeyring(keyring);
  await community.sendSnapshot(
    testDocument(testModel(credentials, { isInner: true }), 1, Date.now() - 60_000),
  );
  custodians = makeCustodians();
  ceremony = holdCeremony(custodians, { firstEpoch: 1, epochCount: 3 });
  await community.sendTrail(trailOf(1));
  await until(() => expect(community.applied.filter(({ ok }) => ok).length).toBe(3));
  await until(() => expect([reader.link.secure, unit.link.secure]).toEqual([true, true]));
});

afterAll(async () => {
  await stopOrder.stopAll();
  await line.stop();
  await community.close();
  rmSync(folder, { recursive: true });
});

describe("a gate with real readers, cards and a server", () => {
  test("gave its readers their own keys in a logged install window", async () => {
    await until(() => expect(events("reader").filter((event) => event === "key-set").length).toBe(2));
    expect(events("reader")).toContain("install-window-opened");
    expect(events("reader").filter((event) => event === "install-window-closed").length).toBe(2);
    // A unit that has not had its first session yet is no lock that fails.
    expect(events("portal")).toEqual([]);
    const stored = readFileSync(join(folder, "state", "reader-keys.sealed"));
    expect(stored.length).toBeGreaterThan(100);
  });

  test.each(["desfire", "ntag424"] as const)("a %s card opens the door", async (kind) => {
    releases.length = 0;
    const card = kind === "desfire" ? desfire : ntag;
    const body = await nextAccess(() => reader.hold(card));
    expect(body).toMatchObject({
      accessPointId: ACCESS_POINT,
      granted: true,
      reasons: [{ code: "rule-allows" }],
      kind,
      grade: "B",
      snapshotVersion: 1,
      lockDriven: true,
    });
    expect(body.pseudonym?.length).toBe(16);
    expect(body.epoch).toBe(1);
    expect(body.evidence?.keyVersion).toBe(1);
    await until(() => expect(releases).toEqual([true]));
    await until(() => expect(reader.lamp.colour).toBe(2));
    await until(() => expect(releases).toEqual([true, false]));
  });

  test("who it was is sealed: two custodians open it, and the holder alone its own", async () => {
    const { sealed, wrap, ...open } = await nextAccess(() => reader.hold(desfire));
    const credentialKey = credentialKeyOf(primitives, "desfire", DESFIRE_UID);
    const { entry: opened, text } = openSealed(ceremony, sealed ?? new Uint8Array());
    expect(text).toEqual({ kind: "desfire", credentialKey, counter: 0 });
    const written = accesses().at(-1);
    expect(opened.label).toEqual({
      gate: uuidBytes(GATE),
      sequence: written?.sequence,
      accessPoint: uuidBytes(ACCESS_POINT),
      timeMs: written?.earliest,
    });
    expect(JSON.stringify(open)).not.toContain(JSON.stringify(credentialKey));

    const resident = await makeTrailOpener(RESIDENT_SECRET);
    expect(await resident(wrap ?? new Uint8Array())).toMatchObject({
      kind: "desfire",
      granted: true,
      reason: 0,
      sequence: written?.sequence,
      credential: credentialKey.slice(0, 8),
    });
    const { wrap: foreign } = await nextAccess(() => reader.hold(ntag));
    expect(foreign?.length).toBe(wrap?.length);
    expect(await resident(foreign ?? new Uint8Array())).toBeUndefined();
    await until(() => expect(door.released).toBe(false));
  });

  test("a person passes: opened, closed, locked at once", async () => {
    const before = events("portal").length;
    await nextAccess(() => reader.hold(desfire));
    await until(() => expect(door.released).toBe(true));
    expect(door.push()).toBe(true);
    await until(() => expect(events("portal").slice(before)).toEqual(["opened", "closed"]));
    await until(() => expect(door.released).toBe(false));
  });

  test("a card enrolled by its number opens too, as grade E", async () => {
    const body = await nextAccess(() => reader.hold(makeUidCard(PLAIN_UID)));
    expect(body).toMatchObject({ granted: true, kind: "uid", grade: "E" });
    await until(() => expect(door.released).toBe(false));
  });

  test("numbers of old readers open as grade E: Wiegand in osdp_RAW, characters in osdp_FMT", async () => {
    const frame = encodeWiegand({ format: 26, facility: 12, cardNumber: 345 });
    const wiegand = await nextAccess(() => reader.swipe(frame, 1));
    expect(wiegand).toMatchObject({ granted: true, kind: "wiegand", grade: "E" });
    const text = await nextAccess(() => reader.sendText(new TextEncoder().encode("0012345")));
    expect(text).toMatchObject({ granted: true, kind: "osdp-raw", grade: "E" });
    const unknown = await nextAccess(() => reader.sendText(new TextEncoder().encode("9912345")));
    expect(unknown).toMatchObject({ granted: false, reasons: [{ code: "credential-unknown" }] });
    await until(() => expect(door.released).toBe(false));
  });

  test("a PIN at the reader's keypad opens, and a wrong one does not", async () => {
    const wrong = await nextAccess(() => reader.type("31415927#"));
    expect(wrong).toMatchObject({ granted: false, kind: "pin", reasons: [{ code: "credential-unknown" }] });
    expect(wrong.pseudonym).toBeUndefined();
    const right = await nextAccess(() => reader.type("99*31415926#"));
    expect(right).toMatchObject({ granted: true, kind: "pin", grade: "D", lockDriven: true });
    await until(() => expect(door.released).toBe(true));
    await until(() => expect(door.released).toBe(false));
  });

  test("a copy of a DESFire card's number is refused as a downgrade", async () => {
    const body = await nextAccess(() => reader.hold(makeUidCard(DESFIRE_UID)));
    expect(body.granted).toBe(false);
    expect(body.reasons[0]).toMatchObject({ code: "credential-kind-mismatch" });
    expect(body.evidence?.downgraded).toBe(true);
    expect(body.lockDriven).toBe(false);
    expect(door.released).toBe(false);
  });

  test("a card with our layout and other keys proves nothing", async () => {
    const forged = makeDesfireCard(blankDesfire(DESFIRE_UID), randomBytes);
    await personalisedKeys(forged, "desfire", DESFIRE_UID);
    const body = await nextAccess(() => reader.hold(forged));
    expect(body).toMatchObject({
      granted: false,
      reasons: [{ code: "credential-not-authentic", detail: "wrong-key" }],
      kind: "desfire",
    });
    expect(body.pseudonym?.length).toBe(16);
  });

  test("an unknown card is refused, with the reader showing it", async () => {
    const body = await nextAccess(() => reader.hold(makeUidCard(fromHex("04999999999980"))));
    expect(body).toMatchObject({ granted: false, reasons: [{ code: "credential-unknown" }] });
    await until(() => expect(reader.lamp).toMatchObject({ colour: 1, blinkColour: 0 }));
  });

  test("a forced door is told, an exit is not one", async () => {
    const before = events("portal").length;
    door.force();
    await until(() => expect(events("portal").slice(before)).toEqual(["forced", "closed"]));
    await until(() => expect(community.lastStatus()?.portals[0]?.contact).toBe("closed"));
    door.leave();
    await until(() =>
      expect(events("portal").slice(before + 2)).toEqual(["exit-request", "opened", "closed"]),
    );
  });

  test("a tampered reader and a pulled one are told, and the lock that went with its unit", async () => {
    const before = events("reader").length;
    reader.setTamper(true);
    await until(() => expect(events("reader").slice(before)).toEqual(["tamper-on"]));
    reader.setTamper(false);
    await until(() => expect(events("reader").slice(before)).toEqual(["tamper-on", "tamper-off"]));
    // The tamper wire of the indoor unit: its osdp_LSTATR says so, and so does the gate's status.
    unit.setTamper(true);
    await until(() => expect(events("reader").slice(before + 2)).toEqual(["tamper-on"]));
    await until(() =>
      expect(community.lastStatus()?.readers.find(({ readerId }) => readerId === UNIT)?.tamper).toBe(true),
    );
    unit.setTamper(false);
    await until(() => expect(events("reader").slice(before + 3)).toEqual(["tamper-off"]));
    expect(community.lastStatus()?.findings.map(({ code }) => code)).not.toContain("lock-not-answering");
    unit.setPulled(true);
    await until(() => expect(events("reader").slice(before + 4)).toEqual(["secure-channel-lost", "offline"]));
    await until(() => expect(events("portal").at(-1)).toBe("lock-not-answering"));
    await until(() => expect(community.lastStatus()?.portals[0]?.lock).toBe("fault"));
    unit.setPulled(false);
    await until(() => expect(events("reader").slice(before + 6)).toEqual(["secure-channel-up", "online"]));
    await until(() => expect(community.lastStatus()?.portals[0]?.lock).toBe("locked"));
  }, 30_000);

  test("another reader in a reader's place is refused until a person opens a window, and gets a key of its own", async () => {
    const before = events("reader").length;
    reader.setPulled(true);
    const other = makeVirtualReader(line, { address: 0, timers: systemTimers });
    await until(() =>
      expect(community.lastStatus()?.findings.map(({ code }) => code)).toContain("reader-key-refused"),
    );
    const request = { request: "open-install-window", readerId: READER, minutes: 5 } as const;
    expect(await askGate(join(folder, "state"), request)).toBe(
      `{"ok":true,"result":{"readers":["${READER}"]}}`,
    );
    // The key that the line had, and at once one that the reader which was taken away never knew.
    await until(() =>
      expect(
        events("reader")
          .slice(before)
          .filter((event) => event === "key-set").length,
      ).toBe(2),
    );
    expect(events("reader").slice(before)).toContain("install-window-opened");
    await until(() => expect(other.link.secure).toBe(true));
    expect((await nextAccess(() => other.hold(desfire))).granted).toBe(true);
    reader = other;
    await until(() => expect(door.released).toBe(false));
  }, 40_000);

  test("a revoked card is refused from the delta on (complaint 11)", async () => {
    const base = testDocument(testModel(credentials, { isInner: true }), 1, Date.now() - 60_000);
    const revoked = credentials.map((one) =>
      one.kind === "ntag424" ? { ...one, status: "blocked" as const } : one,
    );
    // The base must be byte for byte what the gate holds: compiled anew at another time it is not.
    await community.sendDelta(
      base,
      testDocument(testModel(revoked, { isInner: true }), 2, Date.now() - 60_000),
    );
    await until(() => expect(community.applied.at(-1)).toMatchObject({ ok: false, error: "base-differs" }));
    await community.sendSnapshot(testDocument(testModel(revoked, { isInner: true }), 2, Date.now() - 60_000));
    await until(() => expect(community.applied.at(-1)).toMatchObject({ ok: true, documentVersion: 2 }));
    const body = await nextAccess(() => reader.hold(ntag));
    expect(body).toMatchObject({
      granted: false,
      reasons: [{ code: "credential-blocked" }],
      snapshotVersion: 2,
    });
  });

  test("after a fire the door stays open until a person resets it", async () => {
    const before = events("portal").length;
    unit.setInput(FIRE_INPUT, true);
    await until(() => expect(door.released).toBe(true));
    await expect(
      askGate(join(folder, "state"), { request: "reset-fire", portalId: PORTAL }),
    ).resolves.toContain('"ok":false');
    unit.setInput(FIRE_INPUT, false);
    const body = await nextAccess(() => reader.hold(makeUidCard(fromHex("04999999999980"))));
    expect(body).toMatchObject({
      granted: true,
      reasons: [{ code: "portal-unlocked", cause: "fire-release" }],
      lockDriven: false,
    });
    expect(door.released).toBe(true);
    // The unit is polled in turn: that the input is off may arrive after the card did.
    await vi.waitFor(async () => {
      const answer = await askGate(join(folder, "state"), { request: "reset-fire", portalId: PORTAL });
      expect(answer).toBe('{"ok":true}');
    });
    await until(() => expect(door.released).toBe(false));
    await until(() =>
      expect(events("portal").slice(before)).toEqual(["fire-on", "unlocked", "fire-reset", "locked"]),
    );
  });

  test("the status page names what is there, in both languages, without a name in it", async () => {
    const status: unknown = await (await fetch(`${gate.statusPage}/status.json`)).json();
    expect(status).toMatchObject({ gateId: GATE, link: { connected: true }, snapshot: { version: 2 } });
    const zh = await (await fetch(gate.statusPage)).text();
    expect(zh).toContain("门神 · 门禁状态");
    expect(zh).toContain("没有安全芯片");
    const en = await (await fetch(`${gate.statusPage}/?lang=en`)).text();
    expect(en).toContain("No TPM");
    expect((await fetch(gate.statusPage, { method: "POST" })).status).toBe(405);
    expect((await fetch(`${gate.statusPage}/nothing`)).status).toBe(404);
  });
});

describe("the network is cut", () => {
  afterEach(() => community.setManner("store"));

  test("doors decide on, and everything arrives afterwards in order", async () => {
    const before = community.entries.length;
    await community.goDown();
    for (let i = 0; i < 5; i++) {
      releases.length = 0;
      await reader.hold(desfire);
      await until(() => expect(releases).toEqual([true, false]));
    }
    expect(community.entries.length).toBe(before);
    await community.comeBack();
    await until(() =>
      expect(
        accesses()
          .slice(-5)
          .every(({ body }) => body.granted),
      ).toBe(true),
    );
    expect(community.entries.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: community.entries.length }, (_, i) => i + 1),
    );
  });

  test("a server that cannot store is asked again until it can", async () => {
    community.setManner("refuse");
    const before = accesses().length;
    await reader.hold(desfire);
    await until(() => expect(community.hellos.length).toBeGreaterThan(3));
    expect(accesses().length).toBe(before);
    community.setManner("store");
    await until(() => expect(accesses().length).toBe(before + 1));
  });
});

describe("a restart", () => {
  test("keeps rules, keys and journal, and enrols no second time", async () => {
    await until(() => expect(door.released).toBe(false));
    const before = { portal: events("portal").length, reader: events("reader").length };
    await stopOrder.stopAll();
    await community.goDown();
    await start();
    await until(() => expect([reader.link.secure, unit.link.secure]).toEqual([true, true]));
    await reader.hold(desfire);
    await until(() => expect(door.released).toBe(true));
    await community.comeBack();
    await until(() => expect(accesses().at(-1)?.body).toMatchObject({ granted: true, snapshotVersion: 2 }));
    await until(() => expect(events("gate").filter((event) => event === "started").length).toBe(2));
    expect(community.enrolments).toBe(1);
    // What the gate does itself, and a unit that is not there yet, are no faults of readers and locks.
    expect(events("portal").slice(before.portal)).toEqual([]);
    expect(events("reader").slice(before.reader).sort()).toEqual([
      ...["online", "online", "secure-channel-up", "secure-channel-up"],
    ]);
    expect(community.entries.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: community.entries.length }, (_, i) => i + 1),
    );
  });

  test("a card held up while the gate was down opens nothing when it returns", async () => {
    await until(() => expect(door.released).toBe(false));
    await stopOrder.stopAll();
    const before = accesses().length;
    await reader.hold(makeUidCard(PLAIN_UID));
    await start();
    await until(() => expect(reader.link.secure).toBe(true));
    const body = await nextAccess(() => reader.hold(desfire));
    expect(body.kind).toBe("desfire");
    expect(accesses().length).toBe(before + 1);
    await until(() => expect(door.released).toBe(false));
  });

  test("a second gate on the same state directory is refused", async () => {
    const logger = makeLogger({ app: "gate", level: "error" });
    await expect(startGate(configOf(folder, community), logger, makeStopOrder(logger))).rejects.toMatchObject(
      {
        code: "already-running",
      },
    );
  });
});
