import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessPointId, CredentialKey } from "@menshen/domain";
import { type GrantedCredential, loadSnapshot, type Snapshot } from "@menshen/policy";
import type { ProofsRequest } from "@menshen/wire";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openFileSeal } from "../keys/seal.ts";
import { makeStateKeeper, type StateKeeper } from "../store/state-keeper.ts";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import { makeTestPublicLog, type TestPublicLog } from "../testing/test-public-log.ts";
import { ACCESS_POINT, GATE, type TestCredential, testDocument, testModel } from "../testing/test-site.ts";
import { UNWITNESSED_MS } from "./credential-ledger.ts";
import { makeMarkStore } from "./mark-store.ts";
import { openPublicLog, type PublicLog } from "./public-log.ts";

const START = Date.parse("2026-11-22T00:00:00+08:00");
const ELSEWHERE = AccessPointId("cccccccc-0000-4000-8000-000000000009");
const keyOf = (digit: number) => CredentialKey(new Uint8Array(16).fill(digit));
const card = (digit: number, status: TestCredential["status"] = "active"): TestCredential => ({
  key: keyOf(digit),
  kind: "uid",
  grade: "E",
  ...(status === undefined ? {} : { status }),
});
const [A, B] = [keyOf(1), keyOf(2)];

let folder: string;
let keeper: StateKeeper;
let log: TestPublicLog;
let publicLog: PublicLog;
let snapshot: Snapshot | undefined;
let deskPasses: GrantedCredential[];
let knowsLog: boolean;
let nowMs: number;
let version: number;
let asked: ProofsRequest["wanted"][];
let findings: Set<string>;

function snapshotWith(...credentials: TestCredential[]): Snapshot {
  version += 1;
  const result = loadSnapshot(testDocument(testModel(credentials), version, START));
  if (!result.ok) throw new Error(result.error.where);
  return result.snapshot;
}

/** A gate's part that was just started, on what is on its disk. */
async function start(): Promise<PublicLog> {
  const seal = openFileSeal(folder);
  const state = {
    marks: async () => keeper.marks(),
    saveMarks: async (marks: Parameters<StateKeeper["saveMarks"]>[0]) => keeper.saveMarks(marks),
  };
  return openPublicLog({
    identity: {
      gateId: GATE,
      communityId: TEST_COMMUNITY_ID,
      policyKey: log.policyKey,
      sealingKey: log.sealingKey,
    },
    snapshot: () => snapshot,
    deskPasses: () => deskPasses,
    policy: () => (knowsLog ? log.policy : undefined),
    earliestMs: () => nowMs,
    store: makeMarkStore(state, seal),
    found: (finding, present) => void (present ? findings.add(finding) : findings.delete(finding)),
    failed: (fault) => {
      throw fault;
    },
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "menshen-log-"));
  keeper = makeStateKeeper(join(folder, "state.db"));
  log = await makeTestPublicLog();
  deskPasses = [];
  [version, nowMs, knowsLog, asked, findings] = [0, START, true, [], new Set()];
  snapshot = snapshotWith(card(1), card(2));
  publicLog = await start();
});

afterEach(() => {
  publicLog.stop();
  keeper.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the server was asked, told once it was. */
async function question(): Promise<ProofsRequest["wanted"]> {
  publicLog.connected(async (wanted) => void asked.push(wanted));
  const wanted = await vi.waitFor(() => {
    const [first] = asked;
    if (first === undefined) throw new Error("not yet");
    return first;
  });
  publicLog.disconnected();
  return wanted;
}

test("a credential opens once the log proves it, at its home's doors only, and after a restart too", async () => {
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(false);
  expect(await question()).toEqual([
    { credentialKey: A, floor: 0 },
    { credentialKey: B, floor: 0 },
  ]);
  const home = log.register();
  await publicLog.receive(await log.prove([home.index, log.issue(home, 0, A)], [home]));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
  expect(await publicLog.admits(A, ELSEWHERE)).toBe(false);
  expect(await publicLog.admits(B, ACCESS_POINT)).toBe(false);
  publicLog = await start();
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
  asked = [];
  expect(await question()).toEqual([{ credentialKey: B, floor: 0 }]);
});

test("a gate that was never told of a log asks for nothing", async () => {
  knowsLog = false;
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
});

test("a credential that two members of staff answer for opens everywhere", async () => {
  await publicLog.receive(await log.prove([log.approve(A)], []));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
  expect(await publicLog.admits(A, ELSEWHERE)).toBe(true);
});

test("a tap waits for the proof of a card that was given out a moment ago", async () => {
  const home = log.register();
  const message = await log.prove([home.index, log.issue(home, 0, A)], [home]);
  publicLog.connected(async () => undefined);
  const admitted = publicLog.admits(A, ACCESS_POINT);
  await publicLog.receive(message);
  expect(await admitted).toBe(true);
});

test("what the server is asked does not depend on who stands at a door", async () => {
  publicLog.connected(async (wanted) => void asked.push(wanted));
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0));
  const names = (wanted: ProofsRequest["wanted"]) => wanted.map(({ credentialKey }) => credentialKey);
  const before = asked.length;
  const refused = publicLog.admits(A, ACCESS_POINT);
  // Asked by the rhythm of the gate, not by the tap.
  expect(asked.length).toBe(before);
  expect(await refused).toBe(false);
  for (const wanted of asked) expect(names(wanted)).toEqual([A, B]);
});

test("without witnesses it opens for 72 hours from the first sight, under an alarm; then only with them", async () => {
  const home = log.register();
  const indices = [home.index, log.issue(home, 0, A)];
  await publicLog.receive(await log.prove(indices, [home], { witnessed: false }));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
  expect([...findings]).toEqual(["credentials-unwitnessed"]);
  nowMs += UNWITNESSED_MS - 1;
  // Shown again it is not seen for the first time, nor after a restart.
  await publicLog.receive(await log.prove(indices, [home], { witnessed: false }));
  publicLog = await start();
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
  nowMs += 1;
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(false);
  await publicLog.receive(await log.prove(indices, [home]));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
  expect([...findings]).toEqual([]);
  nowMs += 10 * UNWITNESSED_MS;
  await publicLog.receive(await log.prove(indices, [home], { witnessed: false }));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
});

test("a home's number is good for one credential", async () => {
  const home = log.register();
  await publicLog.receive(await log.prove([home.index, log.issue(home, 0, A)], [home]));
  await publicLog.receive(await log.prove([home.index, log.issue(home, 0, B)], [home]));
  expect(await publicLog.admits(B, ACCESS_POINT)).toBe(false);
  expect([...findings]).toEqual(["credential-number-twice"]);
});

test("what was blocked or gone and comes back needs a leaf that is newer than the tree it left", async () => {
  const home = log.register();
  const old = [home.index, log.issue(home, 0, A)];
  await publicLog.receive(await log.prove(old, [home]));
  const size = log.size();
  snapshot = snapshotWith(card(1, "blocked"), card(2));
  publicLog.review();
  await vi.waitFor(async () => expect(await publicLog.admits(A, ACCESS_POINT)).toBe(false));
  publicLog = await start();
  snapshot = snapshotWith(card(1));
  await publicLog.receive(await log.prove(old, [home]));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(false);
  expect(await question()).toEqual([{ credentialKey: A, floor: size }]);
  await publicLog.receive(await log.prove([home.index, log.issue(home, 1, A)], [home]));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
});

test("a home that is registered for one door more opens it then", async () => {
  const home = log.register(undefined, []);
  const issued = log.issue(home, 0, A);
  await publicLog.receive(await log.prove([home.index, issued], [home]));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(false);
  const wider = log.register(home);
  await publicLog.receive(await log.prove([issued, wider.index], [home]));
  expect(await publicLog.admits(A, ACCESS_POINT)).toBe(true);
});

test("proofs of another log, without the home's key or for other leaves prove nothing", async () => {
  const home = log.register();
  const indices = [home.index, log.issue(home, 0, A)];
  const strange = await makeTestPublicLog();
  const there = strange.register();
  for (const message of [
    await log.prove(indices, [home], { forged: true }),
    await log.prove(indices, []),
    await strange.prove([there.index, strange.issue(there, 0, A)], [there]),
    new Uint8Array(),
  ]) {
    await publicLog.receive(message).catch(() => undefined);
    expect(await publicLog.admits(A, ACCESS_POINT)).toBe(false);
  }
});
