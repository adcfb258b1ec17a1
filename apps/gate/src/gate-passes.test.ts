import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChallengeCode } from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import type { PeripheralLine } from "@menshen/osdp";
import { makeLogger, makeStopOrder, type StopOrder } from "@menshen/service-kit";
import type { VirtualIoUnit, VirtualReader } from "@menshen/virtual-devices";
import type { KioskMessage, KioskResult } from "@menshen/wire";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startGate } from "./gate.ts";
import { startTestCommunity, TEST_COMMUNITY_ID, type TestCommunity } from "./testing/test-community.ts";
import { configOf, letReadersTakeKeys } from "./testing/test-config.ts";
import { standTestDoor } from "./testing/test-door.ts";
import { doorAnswerText, phoneKeyOf, phonePassText, visitorText } from "./testing/test-pass-gate.ts";
import { ACCESS_POINT, GATE, testDocument, testModel } from "./testing/test-site.ts";

// The whole gate with a real lock on a line and a screen of its own; its server goes down before anything is shown.

const TOKEN = "t".repeat(43);
const SCREEN = "dddddddd-0000-4000-8000-000000000009";
const resident = crypto.p256Generate();
const HOUR = 3_600_000;

let folder: string;
let line: PeripheralLine;
let reader: VirtualReader;
let unit: VirtualIoUnit;
let community: TestCommunity;
let stopOrder: StopOrder;
let page: string;
let releases: boolean[];

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 15_000, interval: 10 });

async function start(): Promise<void> {
  const logger = makeLogger({ app: "gate", level: "error" });
  stopOrder = makeStopOrder(logger);
  const tokenSha256 = crypto.toHex(crypto.sha256(new TextEncoder().encode(TOKEN)));
  const places = [{ readerId: SCREEN, accessPointId: ACCESS_POINT, tokenSha256 }];
  const config = configOf(folder, community, { kiosk: { host: "127.0.0.1", port: 0, places } });
  const gate = await startGate(config, logger, stopOrder);
  await letReadersTakeKeys(config);
  page = gate.kiosk ?? "";
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gate-passes-"));
  community = await startTestCommunity(GATE);
  ({ line, reader, unit, releases } = await standTestDoor(folder));
  await start();
  await until(() => expect(community.isConnected()).toBe(true));
  await community.sendKeyring({
    version: 1,
    gateId: GATE,
    keyringVersion: 1,
    doorGroup: 1,
    trailKeys: [],
    cards: [],
    sharedKeys: [],
    desfireApplication: Uint8Array.of(0x53, 0x4d, 0xf5),
    phones: [{ credentialKey: phoneKeyOf(resident), publicKey: resident.publicKey }],
  });
  const model = testModel([{ key: phoneKeyOf(resident), kind: "phone-pass", grade: "C" }]);
  await community.sendSnapshot(testDocument(model, 1, Date.now() - 60_000));
  await community.sendPasses({
    version: 1,
    gateId: GATE,
    passesVersion: 1,
    issuedAt: Instant(Date.now()),
    communityId: TEST_COMMUNITY_ID,
    communityKey: new Uint8Array(32),
    visits: { on: true, longestS: 86_400 },
    revoked: [],
    deskPasses: [],
    tokenKeys: [],
  });
  await until(() => expect(community.applied.filter(({ ok }) => ok).length).toBe(3));
  await until(() => expect([reader.link.secure, unit.link.secure]).toEqual([true, true]));
  await community.close();
}, 60_000);

afterAll(async () => {
  await stopOrder.stopAll();
  await line.stop();
  rmSync(folder, { recursive: true });
});

const headers = { authorization: `Kiosk ${TOKEN}` };

async function scan(text: string): Promise<KioskResult> {
  const url = new URL("/kiosk/api/scan", page);
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ text }) });
  return (await answer.json()) as KioskResult;
}

/** The code on the screen. */
async function challengeCode(): Promise<string> {
  const closing = new AbortController();
  const { body } = await fetch(new URL("/kiosk/api/state", page), { headers, signal: closing.signal });
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const message = JSON.parse(part.split("\n\n")[0]?.slice("data: ".length) ?? "") as KioskMessage;
    closing.abort();
    return "state" in message ? (message.state.challenge?.code ?? "") : "";
  }
  return "";
}

/** Shows new codes until one opens: those from before the gate's start are refused, and it has only just started. */
function firstToOpen(): Promise<string> {
  return vi.waitFor(
    async () => {
      const shown = phonePassText(resident, Date.now() + 3_000);
      expect(await scan(shown)).toEqual({ granted: true, reasons: [{ code: "rule-allows" }], forMs: 1_000 });
      return shown;
    },
    { timeout: 15_000, interval: 600 },
  );
}

test("a phone's code, its answer to the screen and a visitor's pass open the lock; a code opens it once", async () => {
  expect(community.isConnected()).toBe(false);
  const shown = await firstToOpen();
  await until(() => expect(releases).toEqual([true, false]));
  expect((await scan(shown)).reasons).toEqual([{ code: "pass-used" }]);
  const challenge = readChallengeCode(await challengeCode()) ?? new Uint8Array();
  expect(await scan(doorAnswerText(resident, { challenge }))).toMatchObject({ granted: true });
  await until(() => expect(releases).toEqual([true, false, true, false]));
  const [notBefore, notAfter] = [Instant(Date.now() - HOUR), Instant(Date.now() + HOUR)];
  const once = visitorText(resident, { notBefore, notAfter, uses: 1 });
  expect(await scan(once)).toMatchObject({ granted: true, reasons: [{ code: "pass-allows" }] });
  await until(() => expect(releases).toHaveLength(6));

  // The gate starts again: what was used stays used, and what was issued before its start is nobody's.
  await stopOrder.stopAll();
  await start();
  expect((await scan(once)).reasons).toEqual([{ code: "pass-used" }]);
  expect((await scan(shown)).reasons).toEqual([{ code: "pass-outdated" }]);
  expect(releases).toHaveLength(6);
}, 60_000);
