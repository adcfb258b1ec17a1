import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AccessCapability,
  type AccessData,
  credentialKeyOf,
  issueAccessDocument,
  openInProcessChannel,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import type { DoorState } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { makeLogger } from "@menshen/service-kit";
import { blankDesfire, makeAliroDevice, makeDesfireCard } from "@menshen/virtual-devices";
import type { AccessEntry } from "@menshen/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makeFindings } from "../findings.ts";
import { readAliroIdentity } from "../keys/aliro-identity.ts";
import { ACCESS_POINT, READER, testDocument, testModel } from "../testing/test-site.ts";
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
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-aliro-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function identityFile(changes: object = {}, mode = 0o600): string {
  const file = join(folder, "aliro.json");
  const value = {
    reader: `${crypto.toHex(GROUP)}${"01".repeat(16)}`,
    privateKey: crypto.signingKeyToPem(reader),
    documents: { issuers: [crypto.toHex(issuer.publicKey)], element: "door" },
    ...changes,
  };
  writeFileSync(file, JSON.stringify(value), { mode });
  return file;
}

/** A gate's desk with nothing behind it: no server, no network. */
function offlineDesk(file = identityFile(), door: Partial<DoorState> = {}) {
  const driven = makeDrivenClock(START_MS, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: { bootId: "b", wallMs: START_MS, monotonicMs: 0, earliestMs: START_MS, latestMs: START_MS },
  });
  const credentialKey = credentialKeyOf(crypto, "phone", resident.publicKey);
  const loaded = loadSnapshot(
    testDocument(testModel([{ key: credentialKey, kind: "phone", grade: "B" }]), 7, START_MS),
  );
  if (!loaded.ok) throw new Error("expected a snapshot");
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
        doorState: () => ({ mode: "normal", lockdown: 0, fireRelease: false, ...door }),
        isStanding: () => false,
        unlockMs: () => 1_000,
        granted: () => released.push("door"),
      },
    }),
    indicate: () => undefined,
    findings: makeFindings(() => undefined),
    logger: makeLogger({ app: "gate", level: "error" }),
    phones: makePhoneReader(readAliroIdentity(file), () => performance.now()),
  });
  return { desk, entries, released };
}

function phone(keyPair: crypto.SigningKey, documents: readonly Uint8Array[] = []) {
  const statuses: number[] = [];
  const commands: number[] = [];
  const device = makeAliroDevice({
    primitives: crypto,
    credentials: [
      { keyPair, groups: [{ identifier: GROUP, key: reader.publicKey }], documents, kpersistents: new Map() },
    ],
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

/** An access document for the visitor, whose schedule is `hours` long and begins at the clock's start. */
function document(hours: number, change: Partial<AccessData> = {}, by = issuer): Uint8Array {
  return issueAccessDocument(
    {
      primitives: crypto,
      signer: { publicKey: by.publicKey, sign: (message) => crypto.p256Sign(by.secretKey, message) },
      random: crypto.randomBytes,
    },
    {
      credential: visitor.publicKey,
      elements: new Map([
        [
          "door",
          {
            rules: [{ capabilities: AccessCapability.momentary, allowSchedules: 1 }],
            schedules: [{ startS: START_S - 3_600, endS: START_S + hours * 3_600, utc: true }],
            ...change,
          },
        ],
      ]),
      validity: { signedS: START_S - DAY_S, fromS: START_S - DAY_S, untilS: START_S + DAY_S },
      timeVerificationRequired: true,
    },
  );
}

const AUTH1 = 0x81;
const ENVELOPE = 0xc3;

describe("a software phone at a gate that is offline", () => {
  test("opens by standard, then fast; both are journaled with their grade", async () => {
    const { desk, entries, released } = offlineDesk();
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

  test("then by step-up with a signed schedule, which the snapshot knows nothing of", async () => {
    const { desk, entries, released } = offlineDesk();
    const { tap, statuses, commands } = phone(visitor, [document(1)]);
    for (let time = 0; time < 2; time += 1) {
      await desk.card(READER, tap);
      expect(commands).toContain(ENVELOPE);
      expect(entries[time]).toMatchObject({ granted: true, reasons: [{ code: "rule-allows" }], grade: "B" });
    }
    expect(released).toEqual(["door", "door"]);
    expect(statuses).toEqual([0x0101, 0x0101]);
  });

  test.each<[string, readonly Uint8Array[]]>([
    ["without a document", []],
    ["outside its schedule", [document(0)]],
    ["with a document by somebody else", [document(1, {}, reader)]],
    ["with a rule for another action", [document(1, { rules: [{ capabilities: AccessCapability.secure }] })]],
  ])("does not open %s, and hears that it may not", async (_name, documents) => {
    const { desk, entries, released } = offlineDesk();
    const { tap, statuses } = phone(visitor, documents);
    await desk.card(READER, tap);
    expect(entries[0]).toMatchObject({ granted: false, reasons: [{ code: "credential-unknown" }] });
    expect(released).toEqual([]);
    expect(statuses).toEqual([0x0025]);
  });

  test("opens by no document where none is trusted, nor a locked door or one in lockdown", async () => {
    const untrusting = identityFile({ documents: undefined });
    for (const { desk, released } of [
      offlineDesk(untrusting),
      offlineDesk(identityFile(), { mode: "locked" }),
      offlineDesk(identityFile(), { lockdown: 1 }),
    ]) {
      const { tap } = phone(visitor, [document(1)]);
      await desk.card(READER, tap);
      expect(released).toEqual([]);
    }
  });

  test("that leaves the field before it has proved itself opens nothing, at whichever command", async () => {
    for (let step = 1; step <= 3; step += 1) {
      const { desk, entries, released } = offlineDesk();
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
    const { desk, released } = offlineDesk();
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
    const { desk, entries } = offlineDesk();
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
    expect(readAliroIdentity(identityFile({ certificate })).identity.certificate).toMatchObject({
      bytes: Uint8Array.of(0x30, 0),
      sentIn: "load-cert",
    });
  });
});
