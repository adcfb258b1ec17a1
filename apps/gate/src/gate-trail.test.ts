import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  concatBytes,
  coseSign1,
  hpkeGenerate,
  hpkeOpen,
  hpkeSeal,
  p256Generate,
  randomBytes,
  toHex,
} from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { makeLogger, makeStopOrder, type StopOrder } from "@menshen/service-kit";
import { keyIdentifier } from "@menshen/trust";
import { externalAad, type PseudonymMessage, pseudonymMessage, uuidBytes } from "@menshen/wire";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parseGateConfig } from "./config.ts";
import { startGate } from "./gate.ts";
import { startTestCommunity, TEST_COMMUNITY_ID, type TestCommunity } from "./testing/test-community.ts";
import {
  holdCeremony,
  makeCustodians,
  makeTestLog,
  type TestCeremony,
  testTrail,
} from "./testing/test-custody.ts";
import { GATE } from "./testing/test-site.ts";
import { pseudonymKeyId } from "./trail/pseudonym-key.ts";

const PEER = GateId("aaaaaaaa-0000-4000-8000-000000000002");
const ANCHOR = Instant(Date.now() - 3 * 86_400_000);
const custodians = makeCustodians();
const log = makeTestLog(TEST_COMMUNITY_ID);
const peerDevice = p256Generate();

let folder: string;
let community: TestCommunity;
let stopOrder: StopOrder;
let ceremony: TestCeremony;
let peerSealing: Awaited<ReturnType<typeof hpkeGenerate>>;
let version = 0;

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 15_000, interval: 10 });
const stateDir = () => join(folder, "state");

async function start(): Promise<void> {
  const logger = makeLogger({ app: "gate", level: "error" });
  stopOrder = makeStopOrder(logger);
  const config = parseGateConfig({
    stateDir: stateDir(),
    community: { enrolUrl: community.enrolUrl, enrolmentCode: community.enrolmentCode },
    statusPage: { host: "127.0.0.1", port: 0 },
    doorGroup: 1,
    buses: [],
    portals: [],
  });
  await startGate(config, logger, stopOrder);
  await until(() => expect(community.isConnected()).toBe(true));
}

/** What the gate last reported as wrong. */
const findings = () => community.lastStatus()?.findings.map(({ code }) => code) ?? [];

async function send(
  changes: Partial<Parameters<typeof testTrail>[0]> = {},
  unlogged: readonly GateId[] = [],
) {
  version += 1;
  const before = community.applied.length;
  const peers = log.prove(
    [
      { gateId: GATE, ...community.gateKeys() },
      { gateId: PEER, deviceKey: peerDevice.publicKey, sealingKey: peerSealing.publicKey },
    ],
    { unlogged },
  );
  const trail = testTrail({
    trailVersion: version,
    anchor: ANCHOR,
    custodians,
    ceremony,
    peers,
    logKey: log.logKey,
    ...changes,
  });
  await community.sendTrail(trail);
  return await until(() => {
    const report = community.applied[before];
    if (report === undefined) throw new Error("no answer yet");
    return report;
  });
}

/** The key in a message of the gate, as the peer opens it. */
async function keyIn({ wraps, generation, epoch }: PseudonymMessage): Promise<Uint8Array | undefined> {
  const wrap = wraps.find(({ gateId }) => gateId === PEER);
  return (
    wrap &&
    (await hpkeOpen({
      key: peerSealing,
      enc: wrap.encapsulatedKey,
      ciphertext: wrap.ciphertext,
      info: infoOf(GATE, PEER, generation, epoch),
    }))
  );
}

function infoOf(sender: GateId, recipient: GateId, generation: number, epoch: number): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(8));
  numbers.setUint32(0, generation);
  numbers.setUint32(4, epoch);
  const type = externalAad("pseudonym");
  return concatBytes(
    type,
    Uint8Array.of(0),
    uuidBytes(sender),
    uuidBytes(recipient),
    new Uint8Array(numbers.buffer),
  );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gate-trail-"));
  community = await startTestCommunity(GATE);
  peerSealing = await hpkeGenerate();
  ceremony = holdCeremony(custodians, { firstEpoch: 1, epochCount: 2 });
  await start();
});

afterAll(async () => {
  await stopOrder.stopAll();
  await community.close();
  rmSync(folder, { recursive: true });
});

test("without a trail a gate says that it has no key, and tells nobody anything", async () => {
  await until(() => expect(findings()).toContain("no-epoch-key"));
  expect(community.hellos.at(-1)).toMatchObject({ trailVersion: 0 });
  expect(community.hellos.at(-1)?.pseudonymChain).toBeUndefined();
});

test("with a trail it has keys, few of them, and still tells its own to nobody who is not proven", async () => {
  expect(await send({}, [PEER])).toMatchObject({ what: "trail", ok: true, documentVersion: 1 });
  await until(() => expect(findings()).not.toContain("no-epoch-key"));
  await until(() => expect(findings()).toContain("epoch-keys-low"));
  expect(community.pseudonyms).toEqual([]);
  await until(() =>
    expect(community.entries.map(({ body }) => "event" in body && body.event)).toContain("trail-applied"),
  );
});

test("a peer that is proven is told the key, once", async () => {
  expect(await send()).toMatchObject({ ok: true });
  const told = await until(() => {
    const [message] = community.pseudonyms;
    if (message === undefined) throw new Error("nothing said yet");
    return message;
  });
  expect(told.wraps.map(({ gateId }) => gateId)).toEqual([PEER]);
  const key = (await keyIn(told)) ?? new Uint8Array();
  expect(key).toHaveLength(32);
  expect(told).toMatchObject({ generation: 0, epoch: 1, keyId: pseudonymKeyId(key) });
  await send();
  expect(community.pseudonyms).toHaveLength(1);
  const disk = Buffer.concat(["state.db", "journal.db"].map((name) => readFileSync(join(stateDir(), name))));
  expect([disk.includes(Buffer.from(key)), disk.includes(Buffer.from(key).toString("base64"))]).toEqual([
    false,
    false,
  ]);
});

test("a key of the peer that all prefer is adopted, told on, and there after a restart", async () => {
  const own = community.pseudonyms.at(-1)?.keyId ?? new Uint8Array();
  const key = Array.from({ length: 4_096 }, () => randomBytes(32)).find(
    (candidate) => toHex(pseudonymKeyId(candidate)) < toHex(own),
  );
  if (key === undefined) throw new Error("the gate's key has the smallest name of thousands");
  const sealed = await hpkeSeal({
    recipientPublicKey: community.gateKeys().sealingKey,
    info: infoOf(PEER, GATE, 0, 1),
    plaintext: key,
  });
  const payload = pseudonymMessage.encode({
    version: 1,
    gateId: PEER,
    generation: 0,
    epoch: 1,
    keyId: pseudonymKeyId(key),
    wraps: [{ gateId: GATE, encapsulatedKey: sealed.enc, ciphertext: sealed.ciphertext }],
  });
  const message = coseSign1({
    payload,
    key: peerDevice,
    kid: keyIdentifier(peerDevice),
    externalAad: externalAad("pseudonym"),
  });
  await community.sendRaw("pseudonym", message);
  await until(() => expect(community.pseudonyms.at(-1)?.keyId).toEqual(pseudonymKeyId(key)));
  await stopOrder.stopAll();
  await start();
  await until(() =>
    expect(community.hellos.at(-1)).toMatchObject({
      trailVersion: version,
      pseudonymChain: { generation: 0, epoch: 1, keyId: pseudonymKeyId(key) },
    }),
  );
});

test("when a gate is revoked the key is renewed at once", async () => {
  const before = community.pseudonyms.at(-1);
  await send({ generation: 1 });
  await until(() => expect(community.pseudonyms.at(-1)?.generation).toBe(1));
  expect(community.pseudonyms.at(-1)?.keyId).not.toEqual(before?.keyId);
});

test("custodians whom nobody endorsed are refused, and a person is told until good ones come", async () => {
  expect(await send({ custodians: makeCustodians(2) })).toMatchObject({
    ok: false,
    error: "refused-by-rules",
  });
  await until(() => expect(findings()).toContain("custodians-not-endorsed"));
  expect(await send()).toMatchObject({ ok: true });
  await until(() => expect(findings()).not.toContain("custodians-not-endorsed"));
});

test("a log in place of the one first seen proves nothing, and a person is told until that one is back", async () => {
  expect(await send({ logKey: makeTestLog(TEST_COMMUNITY_ID).logKey })).toMatchObject({ ok: true });
  await until(() => expect(findings()).toContain("witness-policy-refused"));
  expect(await send()).toMatchObject({ ok: true });
  await until(() => expect(findings()).not.toContain("witness-policy-refused"));
});
