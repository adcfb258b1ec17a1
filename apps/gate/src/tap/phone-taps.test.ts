import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AccessCapability,
  type AccessData,
  ALIRO_ELEMENTS,
  credentialKeyOf,
  issueAccessDocument,
  issueReaderCertificate,
  issueRevocationDocument,
  openInProcessChannel,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import type { DoorState } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { makeLogger } from "@menshen/service-kit";
import {
  type AliroDeviceGroup,
  blankDesfire,
  makeAliroDevice,
  makeDesfireCard,
} from "@menshen/virtual-devices";
import type { AccessEntry, AliroKeys } from "@menshen/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makeAliroDoor, readAliroIdentity } from "../keys/aliro-identity.ts";
import { openFileSeal } from "../keys/seal.ts";
import { makeMarkStore } from "../public-log/mark-store.ts";
import { openPublicLog } from "../public-log/public-log.ts";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import { PLAIN_PORTAL } from "../testing/test-portal.ts";
import { makeTestPublicLog, type TestHome, type TestPublicLog } from "../testing/test-public-log.ts";
import { ACCESS_POINT, GATE, PORTAL, READER, testDocument, testModel } from "../testing/test-site.ts";
import { openPhoneMemory, type PhoneMemory } from "./phone-memory.ts";
import { makePhoneReader } from "./phone-reader.ts";
import { makeTapDesk } from "./tap-desk.ts";

const START_MS = 1_800_057_600_000;
const reader = crypto.p256Generate();
const issuer = crypto.p256Generate();
const resident = crypto.p256Generate();
const visitor = crypto.p256Generate();
const GROUP = new Uint8Array(16).fill(0x5a);
const START_S = START_MS / 1_000;
const DAY_S = 86_400;

let folder: string;
let log: TestPublicLog;
let home: TestHome & { readonly index: number };
let disk: Map<string, Uint8Array>;
let memory: PhoneMemory;
let knowsLog: boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gate-aliro-"));
  log = await makeTestPublicLog();
  home = log.register();
  disk = new Map();
  knowsLog = true;
  memory = await remember();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a gate that was just started knows of telephones. */
function remember(): Promise<PhoneMemory> {
  const state = {
    secret: async (name: string) => disk.get(name),
    keepSecret: async (name: string, bytes: Uint8Array) => void disk.set(name, bytes),
  };
  return openPhoneMemory(state, openFileSeal(folder));
}

function identityFile(changes: object = {}, mode = 0o600): string {
  const file = join(folder, "aliro.json");
  const value = {
    reader: `${crypto.toHex(GROUP)}${"01".repeat(16)}`,
    privateKey: crypto.signingKeyToPem(reader),
    ...changes,
  };
  writeFileSync(file, JSON.stringify(value), { mode });
  return file;
}

/** One reader of a group, as the keyring says it. */
function groupReader(identifier: Uint8Array, groupKey: crypto.SigningKey): AliroKeys["readers"][number] {
  return {
    identifier: Uint8Array.of(...identifier, ...new Uint8Array(16).fill(1)),
    secretKey: reader.secretKey,
    certificate: issueReaderCertificate(crypto, signerOf(groupKey), {
      serial: Uint8Array.of(1),
      issuer: "group",
      subject: "gate",
      notBeforeS: START_S - DAY_S,
      notAfterS: START_S + DAY_S,
      readerPublicKey: reader.publicKey,
    }),
    groupKey: groupKey.publicKey,
  };
}

const signerOf = (key: crypto.SigningKey) => ({
  publicKey: key.publicKey,
  sign: (message: Uint8Array) => crypto.p256Sign(key.secretKey, message),
});

/** A gate's desk with nothing behind it: no server, no network. */
async function offlineDesk(
  keys: Partial<AliroKeys> = {},
  door: Partial<DoorState> = {},
  known: readonly crypto.SigningKey[] = [resident],
) {
  const driven = makeDrivenClock(START_MS, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: { bootId: "b", wallMs: START_MS, monotonicMs: 0, earliestMs: START_MS, latestMs: START_MS },
  });
  const credentials = known.map((one) => ({
    key: credentialKeyOf(crypto, "phone", one.publicKey),
    kind: "phone" as const,
    grade: "B" as const,
  }));
  const loaded = loadSnapshot(testDocument(testModel(credentials), 7, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const publicLog = await openPublicLog({
    identity: {
      gateId: GATE,
      communityId: TEST_COMMUNITY_ID,
      policyKey: log.policyKey,
      sealingKey: log.sealingKey,
    },
    snapshot: () => undefined,
    deskPasses: () => [],
    policy: () => (knowsLog ? log.policy : undefined),
    earliestMs: () => START_MS,
    store: makeMarkStore({ marks: async () => [], saveMarks: async () => undefined }, openFileSeal(folder)),
    found: () => undefined,
    failed: (fault) => {
      throw fault;
    },
  });
  const entries: AccessEntry["body"][] = [];
  const released: string[] = [];
  const desk = makeTapDesk({
    clock,
    journal: {
      async append(record) {
        if (record.kind === "access") entries.push(record.body);
        return { stored: true, sequence: entries.length };
      },
    },
    snapshot: () => loaded.snapshot,
    cardKeys: () => undefined,
    counterGuard: () => Promise.resolve(undefined),
    inPublicLog: () => Promise.resolve(true),
    placeOf: () => ({
      accessPointId: ACCESS_POINT,
      link: "osdp-own-key",
      lockOnOutdoorReader: false,
      portal: {
        ...PLAIN_PORTAL,
        doorState: () => ({ mode: "normal", lockdown: 0, fireRelease: false, ...door }),
        isStanding: () => false,
        unlockMs: () => 1_000,
        granted: () => released.push("door"),
      },
    }),
    indicate: () => undefined,
    floods: { heldBack: () => undefined },
    logger: makeLogger({ app: "gate", level: "error" }),
    phones: makePhoneReader({
      door: makeAliroDoor(
        () => ({ readers: [], documentIssuers: [issuer.publicKey], ...keys }),
        readAliroIdentity(identityFile()),
      ),
      memory,
      provesInLog: publicLog.provesCarried,
      stopwatchMs: () => performance.now(),
    }),
  });
  return { desk, entries, released };
}

function phone(
  keyPair: crypto.SigningKey,
  documents: readonly Uint8Array[] = [],
  groups: readonly AliroDeviceGroup[] = [{ identifier: GROUP, key: reader.publicKey }],
) {
  const statuses: number[] = [];
  const commands: number[] = [];
  const device = makeAliroDevice({
    primitives: crypto,
    credentials: [{ keyPair, groups, documents, kpersistents: new Map() }],
    random: crypto.randomBytes,
    ephemeral: crypto.p256Generate,
    onStatus: (status) => statuses.push(status),
  });
  const seen = {
    ...device,
    transceive(command: Uint8Array) {
      commands.push(command[1] ?? 0);
      return device.transceive(command);
    },
  };
  return { tap: () => openInProcessChannel(seen), statuses, commands };
}

/** What the log proves of the visitor's key, in the home's own numbers. */
function provenVisitor(number = 0, at: TestHome & { readonly index: number } = home): Uint8Array {
  const key = credentialKeyOf(crypto, "phone", visitor.publicKey);
  return log.carried([at.index, log.issue(at, number, key)], [at]);
}

/** An access document for the visitor, whose schedule is `hours` long and begins at the clock's start. */
function document(
  hours: number,
  options: {
    readonly proof?: Uint8Array | "none";
    readonly change?: Partial<AccessData>;
    readonly by?: crypto.SigningKey;
    readonly portalId?: string;
  } = {},
): Uint8Array {
  const { proof = provenVisitor(), change, by = issuer, portalId = PORTAL } = options;
  return issueAccessDocument(
    { primitives: crypto, signer: signerOf(by), random: crypto.randomBytes },
    {
      credential: visitor.publicKey,
      elements: new Map([
        [
          ALIRO_ELEMENTS.door(portalId),
          {
            rules: [{ capabilities: AccessCapability.momentary, allowSchedules: 1 }],
            schedules: [{ startS: START_S - 3_600, endS: START_S + hours * 3_600, utc: true }],
            ...change,
          },
        ],
      ]),
      ...(proof === "none" ? {} : { notes: new Map([[ALIRO_ELEMENTS.log, proof]]) }),
      validity: { signedS: START_S - DAY_S, fromS: START_S - DAY_S, untilS: START_S + DAY_S },
      timeVerificationRequired: true,
    },
  );
}

function revocation(iteration: number, keys: readonly crypto.SigningKey[]): Uint8Array {
  return issueRevocationDocument(
    { primitives: crypto, signer: signerOf(issuer), random: crypto.randomBytes },
    {
      elementId: ALIRO_ELEMENTS.revocations,
      data: {
        changeMode: "overwrite",
        entries: keys.map(({ publicKey }) => ({ publicKeyHash: crypto.sha256(publicKey) })),
      },
      validity: { signedS: START_S - DAY_S, fromS: START_S - DAY_S, untilS: START_S + DAY_S, iteration },
    },
  );
}

const AUTH1 = 0x81;
const ENVELOPE = 0xc3;

describe("a software phone at a gate that is offline", () => {
  test("opens by standard, then fast; both are journaled with their grade", async () => {
    const { desk, entries, released } = await offlineDesk();
    const { tap, statuses, commands } = phone(resident);
    await desk.card(READER, tap);
    expect(commands).toContain(AUTH1);
    expect(entries[0]).toMatchObject({
      granted: true,
      reasons: [{ code: "rule-allows" }],
      kind: "phone",
      grade: "B",
    });
    commands.length = 0;
    await desk.card(READER, tap);
    expect(commands).not.toContain(AUTH1);
    expect(entries[1]).toMatchObject({ granted: true, kind: "phone", grade: "B", lockDriven: true });
    expect(released).toEqual(["door", "door"]);
    expect(statuses).toEqual([0x0101, 0x0101]);
  });

  test("is known for a fast transaction after a restart; one whose key is not kept holds a standard one", async () => {
    const { tap, commands } = phone(resident);
    await (await offlineDesk()).desk.card(READER, tap);
    await memory.flush();
    for (const [kept, method] of [
      [disk, "fast"],
      [new Map(), "standard"],
    ] as const) {
      disk = new Map(kept);
      memory = await remember();
      const { desk, released } = await offlineDesk();
      commands.length = 0;
      await desk.card(READER, tap);
      expect(commands.includes(AUTH1)).toBe(method === "standard");
      expect(released).toEqual(["door"]);
    }
  });

  test("opens as a reader of the group it knows, while the community moves to a new one", async () => {
    const [oldGroup, newGroup] = [crypto.p256Generate(), crypto.p256Generate()];
    const [oldName, newName] = [new Uint8Array(16).fill(7), new Uint8Array(16).fill(8)];
    const both = { readers: [groupReader(newName, newGroup), groupReader(oldName, oldGroup)] };
    for (const [identifier, { publicKey: key }] of [
      [oldName, oldGroup],
      [newName, newGroup],
      [GROUP, reader],
    ] as const) {
      const { desk, released } = await offlineDesk(both);
      const { tap, commands } = phone(resident, [], [{ identifier, key }]);
      await desk.card(READER, tap);
      commands.length = 0;
      await desk.card(READER, tap);
      expect(commands).not.toContain(AUTH1);
      expect(released).toEqual(["door", "door"]);
    }
    const { desk, entries } = await offlineDesk({ readers: both.readers.slice(0, 1) });
    await desk.card(READER, phone(resident, [], [{ identifier: oldName, key: oldGroup.publicKey }]).tap);
    expect(entries[0]).toMatchObject({ granted: false, reasons: [{ code: "credential-not-authentic" }] });
  });

  test("then by step-up with a signed schedule, which the snapshot knows nothing of", async () => {
    const { desk, entries, released } = await offlineDesk();
    const { tap, statuses, commands } = phone(visitor, [document(1)]);
    for (let time = 0; time < 2; time += 1) {
      await desk.card(READER, tap);
      expect(commands).toContain(ENVELOPE);
      expect(entries[time]).toMatchObject({ granted: true, reasons: [{ code: "rule-allows" }], grade: "B" });
    }
    expect(released).toEqual(["door", "door"]);
    expect(statuses).toEqual([0x0101, 0x0101]);
  });

  test.each<[string, () => readonly Uint8Array[]]>([
    ["without a document", () => []],
    ["outside its schedule", () => [document(0)]],
    ["with a document by somebody else", () => [document(1, { by: reader })]],
    ["with a document for another door", () => [document(1, { portalId: ACCESS_POINT })]],
    [
      "with a rule for another action",
      () => [document(1, { change: { rules: [{ capabilities: AccessCapability.secure }] } })],
    ],
  ])("does not open %s, and hears that it may not", async (_name, documents) => {
    const { desk, entries, released } = await offlineDesk();
    const { tap, statuses } = phone(visitor, documents());
    await desk.card(READER, tap);
    expect(entries[0]).toMatchObject({ granted: false, reasons: [{ code: "credential-unknown" }] });
    expect(released).toEqual([]);
    expect(statuses).toEqual([0x0025]);
  });

  test.each<[string, () => Uint8Array | "none"]>([
    ["no proof", () => "none"],
    ["bytes that are none", () => Uint8Array.of(0xa0)],
    ["a proof that no witness saw", () => proofOf({ witnessed: false })],
    ["a proof of another log", () => proofOf({ forged: true })],
    [
      "the proof of another's key",
      () => log.carried([home.index, log.issue(home, 1, new Uint8Array(16))], [home]),
    ],
    [
      "a leaf under a home that leads elsewhere",
      () => provenVisitor(0, log.register(undefined, ["cccccccc-0000-4000-8000-000000000009"])),
    ],
    [
      "a leaf under another home's key",
      () => {
        const { key } = log.register();
        return provenVisitor(0, { ...home, key });
      },
    ],
  ])("does not open with a document of the issuer and %s", async (_name, proof) => {
    const { desk, entries, released } = await offlineDesk();
    await desk.card(READER, phone(visitor, [document(1, { proof: proof() })]).tap);
    expect(entries[0]).toMatchObject({ granted: false, reasons: [{ code: "credential-not-in-log" }] });
    expect(released).toEqual([]);
  });

  function proofOf(how: { readonly witnessed?: boolean; readonly forged?: boolean }): Uint8Array {
    const key = credentialKeyOf(crypto, "phone", visitor.publicKey);
    return log.carried([home.index, log.issue(home, 1, key)], [home], how);
  }

  test("does not open under a number of the home that another telephone has shown before", async () => {
    const { desk, released } = await offlineDesk();
    await desk.card(READER, phone(visitor, [document(1, { proof: provenVisitor(5) })]).tap);
    expect(released).toEqual(["door"]);
    const other = crypto.p256Generate();
    const key = credentialKeyOf(crypto, "phone", other.publicKey);
    const proof = log.carried([home.index, log.issue(home, 5, key)], [home]);
    const second = issueAccessDocument(
      { primitives: crypto, signer: signerOf(issuer), random: crypto.randomBytes },
      {
        credential: other.publicKey,
        elements: new Map([
          [
            ALIRO_ELEMENTS.door(PORTAL),
            { rules: [{ capabilities: AccessCapability.momentary }], schedules: [] },
          ],
        ]),
        notes: new Map([[ALIRO_ELEMENTS.log, proof]]),
        validity: { signedS: START_S, fromS: START_S, untilS: START_S + DAY_S },
        timeVerificationRequired: true,
      },
    );
    await desk.card(READER, phone(other, [second]).tap);
    expect(released).toEqual(["door"]);
  });

  test("opens by no document where none is trusted or no log is known, nor a locked door or one in lockdown", async () => {
    const untrusting = await offlineDesk({ documentIssuers: [] });
    const locked = await offlineDesk({}, { mode: "locked" });
    const lockdown = await offlineDesk({}, { lockdown: 1 });
    for (const { desk, released } of [untrusting, locked, lockdown]) {
      await desk.card(READER, phone(visitor, [document(1)]).tap);
      expect(released).toEqual([]);
    }
    knowsLog = false;
    const { desk, entries } = await offlineDesk();
    await desk.card(READER, phone(visitor, [document(1)]).tap);
    expect(entries[0]).toMatchObject({ granted: false, reasons: [{ code: "credential-not-in-log" }] });
  });

  test("that is revoked opens nothing: as the keyring says, and as it says itself or another's telephone, for good", async () => {
    const told = await offlineDesk({ revocations: revocation(2, [visitor]) });
    await told.desk.card(READER, phone(visitor, [document(1)]).tap);
    expect(told.released).toEqual([]);

    await memory.flush();
    disk = new Map();
    memory = await remember();
    const carried = await offlineDesk();
    const { tap } = phone(visitor, [document(1, { proof: provenVisitor(1) })]);
    await carried.desk.card(READER, tap);
    expect(carried.released).toEqual(["door"]);
    const messenger = phone(crypto.p256Generate(), [revocation(3, [visitor])]);
    await carried.desk.card(READER, messenger.tap);
    await carried.desk.card(READER, tap);
    expect(carried.released).toEqual(["door"]);
    await memory.flush();
    memory = await remember();
    const restarted = await offlineDesk({ revocations: revocation(2, []) });
    await restarted.desk.card(READER, tap);
    expect(restarted.released).toEqual([]);
    // A later list without it: it may enter again.
    const later = await offlineDesk({ revocations: revocation(4, []) });
    await later.desk.card(READER, tap);
    expect(later.released).toEqual(["door"]);
  });

  test("that leaves the field before it has proved itself opens nothing, at whichever command", async () => {
    for (let step = 1; step <= 3; step += 1) {
      const { desk, entries, released } = await offlineDesk();
      const { tap } = phone(resident);
      const channel = tap();
      let count = 0;
      await desk.card(READER, () => ({
        ...channel,
        transceive(command) {
          count += 1;
          if (count === step) channel.remove();
          return channel.transceive(command);
        },
      }));
      expect(released).toEqual([]);
      expect(entries[0]).toMatchObject({
        granted: false,
        reasons: [{ code: "credential-not-authentic", detail: "card-removed" }],
        // What is gone before its first answer may have been any card.
        kind: step === 1 ? "uid" : "phone",
      });
    }
  });

  test("that leaves before it hears the end has opened the door all the same", async () => {
    const { desk, released } = await offlineDesk();
    const { tap } = phone(resident);
    const channel = tap();
    await desk.card(READER, () => ({
      ...channel,
      transceive(command) {
        if (command[1] === 0xc9) channel.remove();
        return channel.transceive(command);
      },
    }));
    expect(released).toEqual(["door"]);
  });

  test("and a card of another kind is read as before", async () => {
    const { desk, entries } = await offlineDesk();
    const card = makeDesfireCard(blankDesfire(crypto.fromHex("04a1b2c3d4e5f6")), crypto.randomBytes);
    await desk.card(READER, () => openInProcessChannel(card));
    expect(entries[0]).toMatchObject({
      granted: false,
      reasons: [{ code: "credential-unknown" }],
      kind: "uid",
    });
  });
});

describe("the identity file", () => {
  test.each<[string, () => string]>([
    ["that is not there", () => join(folder, "missing.json")],
    ["that others may read", () => identityFile({}, 0o644)],
    ["without a key", () => identityFile({ privateKey: "none" })],
    [
      "with a key of another kind",
      () => identityFile({ privateKey: crypto.signingKeyToPem(crypto.ed25519Generate()) }),
    ],
    ["with a short identifier", () => identityFile({ reader: "5a" })],
    ["with something unknown in it", () => identityFile({ open: true })],
  ])("%s is refused", (_name, file) => {
    expect(() => readAliroIdentity(file())).toThrow(expect.objectContaining({ code: "config-invalid" }));
  });

  test("may name a certificate", () => {
    const certificate = { bytes: "3000", issuer: crypto.toHex(issuer.publicKey) };
    expect(readAliroIdentity(identityFile({ certificate })).certificate).toMatchObject({
      bytes: Uint8Array.of(0x30, 0),
      sentIn: "load-cert",
    });
  });
});
