import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AccessCapability,
  ALIRO_ELEMENTS,
  credentialKeyOf,
  issueAccessDocument,
  issueReaderCertificate,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import type { PeripheralLine } from "@menshen/osdp";
import { makeLogger, makeStopOrder, type StopOrder } from "@menshen/service-kit";
import { makeAliroDevice, type VirtualIoUnit, type VirtualReader } from "@menshen/virtual-devices";
import type { Keyring } from "@menshen/wire";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startGate } from "./gate.ts";
import { startTestCommunity, type TestCommunity } from "./testing/test-community.ts";
import { configOf, letReadersTakeKeys } from "./testing/test-config.ts";
import { standTestDoor } from "./testing/test-door.ts";
import { GATE, PORTAL, testDocument, testModel } from "./testing/test-site.ts";

// The whole gate with a real line, a secure channel and a telephone behind the reader; its server goes down before
// the first tap and stays down.

const GROUP = new Uint8Array(16).fill(0x5a);
const groupKey = crypto.p256Generate();
const gateKey = crypto.p256Generate();
const issuer = crypto.p256Generate();
const resident = crypto.p256Generate();
const visitor = crypto.p256Generate();
const AUTH1 = 0x81;
const ENVELOPE = 0xc3;

let folder: string;
let line: PeripheralLine;
let reader: VirtualReader;
let unit: VirtualIoUnit;
let community: TestCommunity;
let stopOrder: StopOrder;
let releases: boolean[];

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 15_000, interval: 10 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gate-aliro-"));
  community = await startTestCommunity(GATE);
  ({ line, reader, unit, releases } = await standTestDoor(folder));
  await start();
  await until(() => expect(community.isConnected()).toBe(true));
  const nowS = Math.floor(Date.now() / 1_000);
  const keyring: Keyring = {
    version: 1,
    gateId: GATE,
    keyringVersion: 1,
    doorGroup: 1,
    trailKeys: [],
    cards: [],
    sharedKeys: [],
    desfireApplication: Uint8Array.of(0x53, 0x4d, 0xf5),
    aliro: {
      readers: [
        {
          identifier: Uint8Array.of(...GROUP, ...new Uint8Array(16).fill(1)),
          secretKey: gateKey.secretKey,
          certificate: issueReaderCertificate(crypto, signerOf(groupKey), {
            serial: Uint8Array.of(1),
            issuer: "group",
            subject: "gate",
            notBeforeS: nowS - 3_600,
            notAfterS: nowS + 3_600,
            readerPublicKey: gateKey.publicKey,
          }),
          groupKey: groupKey.publicKey,
        },
      ],
      documentIssuers: [issuer.publicKey],
    },
  };
  await community.sendKeyring(keyring);
  const key = credentialKeyOf(crypto, "phone", resident.publicKey);
  const model = testModel([{ key, kind: "phone", grade: "B" }]);
  await community.sendSnapshot(testDocument(model, 1, Date.now() - 60_000));
  await until(() => expect(community.applied.filter(({ ok }) => ok).length).toBe(2));
  await until(() => expect([reader.link.secure, unit.link.secure]).toEqual([true, true]));
  await community.close();
}, 60_000);

async function start(): Promise<void> {
  const logger = makeLogger({ app: "gate", level: "error" });
  stopOrder = makeStopOrder(logger);
  const config = configOf(folder, community);
  await startGate(config, logger, stopOrder);
  await letReadersTakeKeys(config);
}

function signerOf(key: crypto.SigningKey) {
  return {
    publicKey: key.publicKey,
    sign: (message: Uint8Array) => crypto.p256Sign(key.secretKey, message),
  };
}

afterAll(async () => {
  await stopOrder.stopAll();
  await line.stop();
  rmSync(folder, { recursive: true });
});

function phone(keyPair: crypto.SigningKey, documents: readonly Uint8Array[] = []) {
  const instructions: (number | undefined)[] = [];
  const statuses: number[] = [];
  const device = makeAliroDevice({
    primitives: crypto,
    credentials: [
      {
        keyPair,
        groups: [{ identifier: GROUP, key: groupKey.publicKey }],
        documents,
        kpersistents: new Map(),
      },
    ],
    random: crypto.randomBytes,
    ephemeral: crypto.p256Generate,
    onStatus: (status) => statuses.push(status),
  });
  const held = {
    ...device,
    kind: "phone",
    // A telephone tells a random identifier.
    uid: Uint8Array.of(0x08, 1, 2, 3),
    transceive(command: Uint8Array) {
      instructions.push(command[1]);
      return device.transceive(command);
    },
  };
  return { held, instructions, statuses };
}

/** Holds a telephone to the reader until the gate lets go of it; whether the door was released and locked again. */
async function tap(held: ReturnType<typeof phone>["held"]): Promise<boolean> {
  releases.length = 0;
  // The gate lets go by itself; a busy machine only takes longer.
  await reader.hold(held, { longestMs: 15_000 });
  if (releases.length > 0) await until(() => expect(releases).toEqual([true, false]));
  return releases.length > 0;
}

/** As its issuer writes it, who has no proof of the public log. */
function document(): Uint8Array {
  const nowS = Math.floor(Date.now() / 1_000);
  return issueAccessDocument(
    { primitives: crypto, signer: signerOf(issuer), random: crypto.randomBytes },
    {
      credential: visitor.publicKey,
      elements: new Map([
        [
          ALIRO_ELEMENTS.door(PORTAL),
          { rules: [{ capabilities: AccessCapability.momentary }], schedules: [] },
        ],
      ]),
      validity: { signedS: nowS - 3_600, fromS: nowS - 3_600, untilS: nowS + 86_400 },
      timeVerificationRequired: true,
    },
  );
}

test("a software phone opens the door by standard, then fast, with the server gone; fast after a restart too", async () => {
  expect(community.isConnected()).toBe(false);
  const { held, instructions, statuses } = phone(resident);
  expect(await tap(held)).toBe(true);
  expect(instructions).toContain(AUTH1);
  for (const restarts of [false, true]) {
    if (restarts) {
      await stopOrder.stopAll();
      await start();
      await until(() => expect([reader.link.secure, unit.link.secure]).toEqual([true, true]));
    }
    instructions.length = 0;
    expect(await tap(held)).toBe(true);
    expect(instructions).not.toContain(AUTH1);
  }
  expect(statuses).toEqual([0x0101, 0x0101, 0x0101]);
}, 60_000);

test("one that nobody enrolled does not open with a document of the issuer alone", async () => {
  const welcome = phone(visitor, [document()]);
  expect(await tap(welcome.held)).toBe(false);
  expect(welcome.instructions).toContain(ENVELOPE);
  const stranger = phone(visitor);
  expect(await tap(stranger.held)).toBe(false);
  expect([...welcome.statuses, ...stranger.statuses]).toEqual([0x0025, 0x0025]);
});
