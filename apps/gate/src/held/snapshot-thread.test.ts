import { Worker } from "node:worker_threads";
import { coseSign1, ed25519Generate, sha256 } from "@menshen/crypto/node";
import { CredentialKey, Instant } from "@menshen/domain";
import { decide, diffSnapshots, type SnapshotDocument } from "@menshen/policy";
import { deltaMessage, encodePolicyDocument, externalAad, snapshotMessage } from "@menshen/wire";
import { expect, test } from "vitest";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import { ACCESS_POINT, GATE, testDocument, testModel } from "../testing/test-site.ts";
import type { SnapshotAnswer, SnapshotRequest } from "./snapshot-check.ts";
import { makeSnapshotThread } from "./snapshot-thread.ts";

const AT = Instant(1_800_000_000_000);
const COUNT = 8_000;
const policyKey = ed25519Generate();

function keyOf(number: number): CredentialKey {
  const key = new Uint8Array(16);
  new DataView(key.buffer).setUint32(0, Math.imul(number, 0x9e3779b1));
  new DataView(key.buffer).setUint32(12, number);
  return CredentialKey(key);
}

const credentials = Array.from({ length: COUNT }, (_, number) => ({
  key: keyOf(number),
  kind: "desfire" as const,
  grade: "B" as const,
}));
const whole = testDocument(testModel(credentials), 5, AT);
const without = testDocument(testModel(credentials.slice(1)), 6, AT);

function request(changes: Pick<SnapshotRequest, "kind" | "message" | "held">): SnapshotRequest {
  return { policyKey: policyKey.publicKey, gateId: GATE, communityId: TEST_COMMUNITY_ID, ...changes };
}

function snapshotRequest(document: SnapshotDocument, held?: SnapshotRequest["held"]): SnapshotRequest {
  const payload = snapshotMessage.encode({
    version: 1,
    gateId: GATE,
    communityId: TEST_COMMUNITY_ID,
    snapshotVersion: document.version,
    issuedAt: AT,
    document: encodePolicyDocument(document),
  });
  const message = coseSign1({ payload, key: policyKey, externalAad: externalAad("snapshot") });
  return request({ kind: "snapshot", message, held });
}

function deltaRequest(held: SnapshotRequest["held"]): SnapshotRequest {
  const payload = deltaMessage.encode({
    version: 1,
    gateId: GATE,
    communityId: TEST_COMMUNITY_ID,
    baseVersion: 5,
    snapshotVersion: 6,
    issuedAt: AT,
    delta: encodePolicyDocument(diffSnapshots(whole, without)),
    documentHash: sha256(encodePolicyDocument(without)),
  });
  const message = coseSign1({ payload, key: policyKey, externalAad: externalAad("delta") });
  return request({ kind: "delta", message, held });
}

function answerTo(answer: SnapshotAnswer, key: CredentialKey) {
  if (answer.outcome !== "checked") throw new Error(answer.outcome);
  const presentation = { credentialKey: key, kind: "desfire", grade: "B", evidence: {} } as const;
  const doorState = { mode: "normal", lockdown: 0, fireRelease: false } as const;
  return decide(answer.snapshot, presentation, ACCESS_POINT, doorState, { earliest: AT, latest: AT });
}

test("a large snapshot and its change come back from the thread ready for decisions", async () => {
  const check = makeSnapshotThread();
  const first = await check(snapshotRequest(whole));
  if (first.outcome !== "checked") throw new Error(first.outcome);
  expect(first.snapshot.credentialCount).toBe(8_000);
  expect(first.bytes).toEqual(encodePolicyDocument(whole));
  const granted = answerTo(first, keyOf(0));
  expect(granted).toMatchObject({ granted: true, reasons: [{ code: "rule-allows" }] });
  expect(Object.isFrozen(granted) && Object.isFrozen(granted.reasons)).toBe(true);

  const held = { version: 5, bytes: first.bytes, stored: true };
  const second = await check(deltaRequest(held));
  expect(answerTo(second, keyOf(0))).toEqual({ granted: false, reasons: [{ code: "credential-unknown" }] });
  expect(answerTo(second, keyOf(1))).toMatchObject({ granted: true });
  expect(await check(snapshotRequest(whole, held))).toEqual({ outcome: "held", version: 5 });
  expect(await check({ ...snapshotRequest(whole), policyKey: ed25519Generate().publicKey })).toEqual({
    outcome: "refused",
    error: "bad-signature",
    version: 0,
  });
});

test("the thread that opens doors is free while a large snapshot is checked", async () => {
  const check = makeSnapshotThread();
  let turns = 0;
  const ticker = setInterval(() => {
    turns += 1;
  }, 1);
  await check(snapshotRequest(whole));
  clearInterval(ticker);
  expect(turns).toBeGreaterThan(0);
});

test("a thread that dies before it answers costs time, not the snapshot", async () => {
  let started = 0;
  const check = makeSnapshotThread(() => {
    started += 1;
    return new Worker("process.exit(1)", { eval: true });
  });
  expect((await check(snapshotRequest(whole))).outcome).toBe("checked");
  expect((await check(snapshotRequest(whole))).outcome).toBe("checked");
  expect(started).toBe(2);
});
