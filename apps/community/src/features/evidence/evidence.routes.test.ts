import * as crypto from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import {
  formatAddCheckpoint,
  formatCheckpoint,
  formatNote,
  openCheckpoint,
  opensLeaf,
  parseLeaf,
  parseVerifierKey,
  readEntries,
  signNote,
  type TileSource,
  tilePath,
  verifyLogProof,
} from "@menshen/evidence";
import { openLog } from "@menshen/evidence/node";
import { evidenceEndpoints, overviewEndpoints, personEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { makeLeafRecorder } from "../../evidence-record/index.ts";
import { makeTestClock } from "../../testing/test-clock.ts";
import { quietLogger } from "../../testing/test-database.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { startTestWitness } from "../../testing/test-witness.ts";
import { makeLogRunner } from "./index.ts";

const secretKey = crypto.randomBytes(32);
const witnessClock = makeTestClock();
const witness = await startTestWitness("city", () => witnessClock.now() / 1_000);
const server = await startTestServer({
  evidence: { secretKey, witnesses: [witness.address], quorum: 1 },
});
const leaves = makeLeafRecorder({ storageKey: server.storageKey });
const site = await buildSite(server);
const { evidenceLog: log, logRunner: runner } = server;

const get = (url: string) => server.app.inject({ method: "GET", url, headers: { host: "localhost:8080" } });
const tiles: TileSource = async (tile) => {
  const answer = await get(`/log/${tilePath(tile)}`);
  return answer.statusCode === 200 ? new Uint8Array(answer.rawPayload) : undefined;
};
const findings = async () =>
  (await site.operate.call(overviewEndpoints.get)).findings
    .map(({ code }) => code)
    .filter((code) => code.startsWith("log-"));

async function opened() {
  const { logKey, origin } = await site.operate.call(evidenceEndpoints.log);
  const parsed = parseVerifierKey(crypto.sha256, logKey);
  if (!parsed.parsed) throw new Error("expected a key");
  const identity = { origin, logKeys: [parsed.key], witnessKeys: [witness.address.key] };
  const note = new Uint8Array((await get("/log/checkpoint")).rawPayload);
  const result = openCheckpoint(crypto, note, identity);
  if (!result.opened) throw new Error(result.refusal);
  return { ...result, identity };
}

test("nothing is shown before the witness has cosigned it", async () => {
  await runner.settle();
  expect((await get("/log/checkpoint")).statusCode).toBe(404);
  expect((await site.operate.call(evidenceEndpoints.log)).size).toBe(0);
  expect(await findings()).toEqual([]);
});

test("a quorum that is missing for an hour is a finding, and gone when the witness answers", async () => {
  for (let quarter = 0; quarter < 4; quarter += 1) {
    server.clock.advance(Duration.minutes(15));
    await site.operate.call(evidenceEndpoints.log);
    await findings();
  }
  expect(await findings()).toEqual(["log-not-witnessed"]);
  witness.watch(log.verifierKey);
  await runner.settle();
  expect(await findings()).toEqual([]);
});

test("everybody reads checkpoint, tiles and proofs, and needs nobody's word for them", async () => {
  const { signed, cosignatures, identity } = await opened();
  const { checkpoint } = signed;
  expect(checkpoint.size).toBeGreaterThan(10);
  expect(cosignatures.map(({ key }) => key.name)).toEqual(["city.example/witness"]);
  const read = await readEntries(crypto.sha256, tiles, checkpoint, 0);
  if (!read.read) throw new Error(read.refusal);
  expect(read.entries).toHaveLength(checkpoint.size);
  const policy = { witnesses: [witness.address], quorum: 1 };
  const proof = (await get("/log/proof/3")).body;
  expect(verifyLogProof(crypto, proof, identity, policy, read.entries[3])).toMatchObject({
    verified: true,
    index: 3,
  });
});

test("tiles may be kept for ever, checkpoints and proofs by nobody; any page may read them", async () => {
  const { size } = (await opened()).signed.checkpoint;
  const headers = async (url: string) => {
    const answer = await get(url);
    const {
      "cache-control": cache,
      "content-type": type,
      "access-control-allow-origin": from,
    } = answer.headers;
    return [answer.statusCode, cache, type, from];
  };
  expect(await headers("/log/checkpoint")).toEqual([200, "no-cache", "text/plain; charset=utf-8", "*"]);
  expect(await headers("/log/proof/0")).toEqual([200, "no-cache", "text/plain; charset=utf-8", "*"]);
  expect(await headers(`/log/tile/0/000.p/${size}`)).toEqual([
    200,
    "public, max-age=3600",
    "application/octet-stream",
    "*",
  ]);
});

test.each([
  "/log/tile/0/001",
  "/log/tile/0/0",
  "/log/tile/9/000",
  "/log/tile/0/000.p/0",
  "/log/tile/0/000/checkpoint",
  "/log/tile/",
  "/log/proof/999999",
  "/log/proof/01",
  "/log/proof/-1",
  "/log/proof/1e2",
  "/log/proof/99999999999999999999",
])("%s is not there", async (url) => {
  const answer = await get(url);
  expect(answer.statusCode).toBe(404);
  expect(answer.headers["cache-control"] ?? "no-store").not.toContain("public");
});

test("public statements are listed with what opens their leaves, others never", async () => {
  await site.operate.call(personEndpoints.get, {
    params: { id: site.resident.personId },
    viewReason: { code: "law" },
  });
  const leafId = await server.db.transaction().execute((trx) =>
    leaves.record(trx, {
      at: server.clock.now(),
      topic: "custodians-appointed",
      subject: { kind: "community" },
      statement: { version: 1 },
      public: true,
    }),
  );
  await runner.settle();
  const { items } = await server.visitor().call(evidenceEndpoints.statements, { query: { limit: 500 } });
  expect(new Set(items.map(({ topic }) => topic))).toEqual(new Set(["custodians-appointed"]));
  const [item] = items;
  if (item?.index === undefined) throw new Error("expected a statement in the log");
  expect(item).toMatchObject({
    leafId,
    statement: `{"at":${server.clock.now()},"topic":"custodians-appointed","version":1}`,
  });
  const { signed } = await opened();
  const read = await readEntries(crypto.sha256, tiles, signed.checkpoint, 0);
  const leaf = parseLeaf(read.read ? (read.entries[item.index] ?? new Uint8Array()) : new Uint8Array());
  if (!leaf.parsed) throw new Error(leaf.refusal);
  const said = new TextEncoder().encode(item.statement);
  expect(opensLeaf(crypto.primitives, leaf.leaf, crypto.fromHex(item.salt), said)).toBe(true);
  const later = { query: { from: server.clock.now() + 1 } };
  expect(await server.visitor().call(evidenceEndpoints.statements, later)).toEqual({ items: [] });
});

test("the auditor sees how the log is, others do not", async () => {
  const audit = await server.founder("audit");
  await runner.settle();
  const state = await audit.call(evidenceEndpoints.state);
  expect(state).toMatchObject({
    signedSize: state.publishedSize,
    waiting: 0,
    quorum: 1,
    witnesses: [{ body: "city", name: "city.example/witness", cosignedAt: witnessClock.now() }],
  });
  expect(state.alarm).toBeUndefined();
  expect(await site.operate.refused(evidenceEndpoints.state)).toMatchObject({ code: "wrong-duty" });
  expect(await server.visitor().refused(evidenceEndpoints.check, { body: { from: 0 } })).toMatchObject({
    code: "not-signed-in",
  });
});

test("when the witness has seen a larger tree, the log takes nothing and says so", async () => {
  const { identity, signed } = await opened();
  const [logKey] = identity.logKeys;
  if (logKey === undefined) throw new Error("expected a key");
  // Another history of the same log, as it was before its database was restored.
  const other = await startTestWitness("city", () => witnessClock.now() / 1_000);
  other.watch(log.verifierKey);
  const text = formatCheckpoint({
    origin: identity.origin,
    size: signed.checkpoint.size + 5,
    root: crypto.sha256(new Uint8Array()),
    extensions: [],
  });
  const note = formatNote({ text, signatures: [signNote(crypto, logKey, secretKey, text)] });
  expect(other.ask(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: note }))).toBe(200);
  const restored = openLog({
    pool: server.pool,
    origin: identity.origin,
    secretKey,
    now: server.clock.now,
    witnesses: [other.address],
    quorum: 1,
  });
  const second = makeLogRunner({ log: restored, logger: quietLogger, collect: async () => {} });
  await second.settle();
  expect(second.alarm()).toBe("log-behind-witness");
  await second.stop();
});
