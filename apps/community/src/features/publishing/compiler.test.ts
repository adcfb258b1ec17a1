import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialKeyOf } from "@menshen/credentials";
import { pinCredentialKey } from "@menshen/credentials/node";
import { fromHex, primitives } from "@menshen/crypto/node";
import { AccessPointId, type CommunityId, GateId, Instant } from "@menshen/domain";
import { decide, loadSnapshot } from "@menshen/policy";
import {
  credentialEndpoints,
  decodePolicyDocument,
  personEndpoints,
  SNAPSHOT_MAX_BYTES,
} from "@menshen/wire";
import { afterAll, expect, test } from "vitest";
import { loadStorageKey } from "../../keys/storage-key.ts";
import { quietLogger } from "../../testing/test-database.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID } from "../../testing/test-site.ts";
import { startCompiler } from "./compiler.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-compiler-"));
const storageKeyFile = join(folder, "storage.key");
// The worker lives in the machine's time, so the server does too.
const server = await startTestServer({ storageKey: loadStorageKey(storageKeyFile) }, Instant(Date.now()));
const site = await buildSite(server);
const { rows } = await server.pool.query<{ id: CommunityId }>("select id from community");
const settled: GateId[] = [];
const compiler = startCompiler({
  plan: { connection: server.connection, storageKeyFile, communityId: rows[0]?.id ?? "" },
  access: server.keyVault.access,
  settle: (gateId) => settled.push(gateId),
  logger: quietLogger,
});
afterAll(async () => {
  await compiler.stop();
  rmSync(folder, { recursive: true });
});
const gateId = GateId(site.gateId);

function open(snapshot: Uint8Array | undefined) {
  const loaded = loadSnapshot(decodePolicyDocument(snapshot ?? new Uint8Array(), SNAPSHOT_MAX_BYTES));
  if (!loaded.ok) throw new Error(loaded.error.where);
  const now = Instant(Date.now());
  return decide(
    loaded.snapshot,
    {
      credentialKey: credentialKeyOf(primitives, "desfire", fromHex(CARD_UID)),
      kind: "desfire",
      grade: "B",
      evidence: {},
    },
    AccessPointId(site.points.northIn),
    { mode: "normal", lockdown: 0, fireRelease: false },
    { earliest: now, latest: now },
  );
}

test("compiles in its own thread, with the secrets it finds itself", async () => {
  const made = await compiler.compileFor(gateId, { snapshotVersion: 1 });
  expect(open(made.snapshot)).toEqual({ granted: true, reasons: [{ code: "rule-allows", rule: 1 }] });
  expect(made.keyring?.cards).toHaveLength(1);
  expect(Buffer.from(made.keyring?.cards[0]?.keys[0]?.key ?? []).toString("hex")).toBe(site.resident.cardKey);
  const again = await compiler.compileFor(gateId, {
    snapshotVersion: 2,
    keyringVersion: 1,
    current: { version: 1, document: made.snapshot ?? new Uint8Array() },
  });
  expect(again).not.toHaveProperty("snapshot");
  expect(again).not.toHaveProperty("keyring");

  // A revocation among other changes goes out first, the others with the compilation that it asks for.
  await site.operate.call(credentialEndpoints.replace, {
    params: { id: site.resident.credentialId },
    body: { kind: "desfire", identifier: "04ffffffffffff" },
    reason: { code: "lost-or-stolen" },
  });
  const urgent = await compiler.compileFor(gateId, {
    snapshotVersion: 2,
    keyringVersion: 1,
    current: { version: 1, document: made.snapshot ?? new Uint8Array() },
  });
  expect(open(urgent.snapshot)).toEqual({ granted: false, reasons: [{ code: "credential-blocked" }] });
  expect(urgent).not.toHaveProperty("keyring");
  expect(settled).toEqual([gateId]);
  const whole = await compiler.compileFor(gateId, {
    snapshotVersion: 3,
    keyringVersion: 1,
    current: { version: 2, document: urgent.snapshot ?? new Uint8Array() },
  });
  expect(open(whole.snapshot)).toEqual({ granted: false, reasons: [{ code: "credential-blocked" }] });
  // The blocked card still proves itself, so that the refusal can say why.
  expect(whole.keyring?.cards).toHaveLength(2);
  expect(settled).toHaveLength(1);

  // Giving back is no revocation: it waits for the compilation.
  const { items } = await site.operate.call(credentialEndpoints.list, { query: { state: "active" } });
  const one = { params: { id: items[0]?.id ?? "" }, reason: { code: "test" } as const };
  await site.operate.call(credentialEndpoints.block, one);
  await site.operate.call(credentialEndpoints.unblock, one);
  await site.operate.call(personEndpoints.create, { body: { displayName: "路人" } });
  const same = await compiler.compileFor(gateId, {
    snapshotVersion: 4,
    keyringVersion: 2,
    current: { version: 3, document: whole.snapshot ?? new Uint8Array() },
  });
  expect(same).not.toHaveProperty("snapshot");
});

test("a duress PIN stands in the sealed keyring alone, beside the PIN that it stands for", async () => {
  const { pin, duressPin } = await site.operate.call(credentialEndpoints.enrol, {
    body: { kind: "pin", personId: site.resident.personId, dwellingId: site.dwellingIds[0] },
  });
  const { keyring, snapshot } = await compiler.compileFor(gateId, { snapshotVersion: 5 });
  const pinKey = keyring?.sharedKeys.find(({ kind }) => kind === "pin")?.key.key ?? new Uint8Array();
  const [own, forced] = await Promise.all([
    pinCredentialKey(pinKey, pin ?? ""),
    pinCredentialKey(pinKey, duressPin ?? ""),
  ]);
  expect(keyring?.duress).toEqual([{ key: forced, credentialKey: own }]);
  const document = Buffer.from(snapshot ?? []);
  expect(document.includes(Buffer.from(own))).toBe(true);
  expect(document.includes(Buffer.from(forced))).toBe(false);
});

test("a gate that is not on record is a failure, and the thread lives on", async () => {
  const unknown = GateId("7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11");
  await expect(compiler.compileFor(unknown, { snapshotVersion: 1 })).rejects.toMatchObject({
    code: "internal",
  });
  expect((await compiler.compileFor(gateId, { snapshotVersion: 9 })).snapshot).toBeDefined();
  expect(compiler.findings()).toEqual([]);
});

test("after the stop nothing is compiled", async () => {
  const pending = compiler.compileFor(gateId, { snapshotVersion: 10 });
  const refused = expect(pending).rejects.toMatchObject({ code: "unavailable" });
  await compiler.stop();
  await refused;
  await expect(compiler.compileFor(gateId, { snapshotVersion: 11 })).rejects.toMatchObject({
    code: "unavailable",
  });
});
