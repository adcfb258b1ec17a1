import { randomUUID } from "node:crypto";
import { randomBytes } from "@menshen/crypto/node";
import { encodeCustodianSet } from "@menshen/custody";
import { Duration, GateId, Instant } from "@menshen/domain";
import { beforeAll, expect, test } from "vitest";
import { makeLeafRecorder } from "../../evidence-record/index.ts";
import { makeStorageKey } from "../../keys/storage-key.ts";
import { makeTestClock } from "../../testing/test-clock.ts";
import { startTestDatabase } from "../../testing/test-database.ts";
import { ensureEpochGrid } from "./epoch-grid.store.ts";
import { type CheckedLog, makeTrailSource } from "./trail-source.ts";
import { insertPolicy } from "./witness-policy.store.ts";

const { db, pool } = await startTestDatabase();
// 2026-11-22 12:00 in Shanghai.
const clock = makeTestClock(Instant(1_795_320_000_000));
const ANCHOR = 1_795_276_800_000;
const EPOCH_MS = 2_419_200_000;
const storageKey = makeStorageKey(randomBytes(32));
const leaves = makeLeafRecorder({ storageKey });

let published = false;
const log: CheckedLog = {
  origin: "log.example",
  inclusionOf: async (index) =>
    published && index === 4
      ? {
          hashes: [new Uint8Array(32).fill(1)],
          size: 6,
          checkpoint: new TextEncoder().encode("log.example\n6\n…\n"),
        }
      : undefined,
};
const source = makeTrailSource({ db, clock, storageKey, leaves, log });

const members = (first: number) =>
  ["committee", "property", "city"].map((body, index) => ({
    body,
    identityKey: new Uint8Array(32).fill(first + index),
  }));
const policyOf = (version: number) => ({
  version,
  logKey: "log.example+1b2c3d4e+AAAA",
  witnesses: [{ body: "city", key: `witness.example+1b2c3d4e+AAA${"A".repeat(version)}` }],
  quorum: 1,
  retentionDays: 30,
});
const setOf = (version: number) => ({ version, threshold: 2, members: members(version * 10) });

async function insertSet(version: number, inForceSince: string | null): Promise<void> {
  await pool.query("insert into custodian_set values ($1, $2, now(), $3)", [
    version,
    encodeCustodianSet(setOf(version)),
    inForceSince,
  ]);
}

async function insertCeremony(options: {
  readonly state?: string;
  readonly firstEpoch: number;
  readonly epochCount: number;
  readonly certificate: number;
  readonly vouches: readonly (number | null)[];
  readonly endedAt: string;
}): Promise<void> {
  const id = randomUUID();
  await pool.query(
    `insert into custody_ceremony
       (id, set_version, ceremony_id, first_epoch, epoch_count, state, started_at, expires_at, ended_at, certificate)
     values ($1, 1, $2, $3, $4, $5, now(), now(), $6, $7)`,
    [
      id,
      randomBytes(32),
      options.firstEpoch,
      options.epochCount,
      options.state ?? "finished",
      options.endedAt,
      Buffer.alloc(10, options.certificate),
    ],
  );
  for (const [index, vouch] of options.vouches.entries()) {
    await pool.query(
      "insert into custody_seat (ceremony, custodian, public_key, signature, vouch) values ($1, $2, $3, $4, $5)",
      [id, index + 1, randomBytes(32), Buffer.alloc(64), vouch === null ? null : Buffer.alloc(64, vouch)],
    );
  }
}

beforeAll(async () => {
  await ensureEpochGrid(db, { timeZone: "Asia/Shanghai" }, clock.now());
  await db.transaction().execute((trx) => insertPolicy(trx, policyOf(1), { proposedAt: 1, inForce: true }));
});

test("a community without custodians gives the grid and the log", async () => {
  expect(await source.read()).toEqual({
    grid: { anchor: ANCHOR, epochMs: EPOCH_MS },
    custodians: [],
    ceremonies: [],
    logKey: "log.example+1b2c3d4e+AAAA",
    witnesses: ["witness.example+1b2c3d4e+AAAA"],
    quorum: 1,
    retentionDays: 30,
  });
});

test("a community without a log gives no key, and nothing can be proven", async () => {
  const without = makeTrailSource({ db, clock, storageKey, leaves });
  expect(await without.read()).toEqual({
    grid: { anchor: ANCHOR, epochMs: EPOCH_MS },
    custodians: [],
    ceremonies: [],
    witnesses: [],
    quorum: 0,
    retentionDays: 30,
  });
});

test("all custodians that were in force, each with the word of those before; one that waits is not told", async () => {
  await insertSet(1, "2026-11-22T00:00:00Z");
  const first = { encoded: encodeCustodianSet(setOf(1)), endorsements: [] };
  expect((await source.read()).custodians).toEqual([first]);
  await insertSet(2, null);
  await pool.query("insert into custodian_endorsement values (2, 1, $1), (2, 3, $2)", [
    Buffer.alloc(64, 1),
    Buffer.alloc(64, 3),
  ]);
  expect((await source.read()).custodians).toEqual([first]);
  await pool.query("update custodian_set set in_force_since = now() where version = 2");
  const second = {
    encoded: encodeCustodianSet(setOf(2)),
    endorsements: [
      { index: 1, signature: Buffer.alloc(64, 1) },
      { index: 3, signature: Buffer.alloc(64, 3) },
    ],
  };
  expect((await source.read()).custodians).toEqual([first, second]);
  await insertSet(3, "2026-11-22T00:30:00Z");
  const third = { encoded: encodeCustodianSet(setOf(3)), endorsements: [] };
  expect((await source.read()).custodians).toEqual([first, second, third]);
});

test("finished ceremonies with all vouches, as long as one of their epochs is to come", async () => {
  const vouches = [1, 2, 3];
  await insertCeremony({
    firstEpoch: 1,
    epochCount: 2,
    certificate: 1,
    vouches,
    endedAt: "2026-11-22T01:00Z",
  });
  await insertCeremony({
    firstEpoch: 3,
    epochCount: 13,
    certificate: 2,
    vouches,
    endedAt: "2026-11-22T02:00Z",
  });
  const lacking = [1, null, 3];
  await insertCeremony({
    firstEpoch: 1,
    epochCount: 13,
    certificate: 3,
    vouches: lacking,
    endedAt: "2026-11-22T03:00Z",
  });
  await insertCeremony({
    state: "failed",
    firstEpoch: 1,
    epochCount: 13,
    certificate: 4,
    vouches,
    endedAt: "2026-11-22T04:00Z",
  });
  const told = async () => (await source.read()).ceremonies.map(({ certificate }) => certificate[0]);
  expect((await source.read()).ceremonies[0]).toEqual({
    certificate: Buffer.alloc(10, 1),
    vouches: vouches.map((vouch) => Buffer.alloc(64, vouch)),
    setVersion: 1,
  });
  expect(await told()).toEqual([1, 2]);
  clock.advance(Duration.ms(ANCHOR + 2 * EPOCH_MS - clock.now()));
  expect(await told()).toEqual([2]);
});

test("an issued certificate is a public leaf, proven once the log shows it", async () => {
  const client = await pool.connect();
  const leafId = await source.recordIssue(client, {
    at: Instant(1_795_320_000_000),
    gateId: GateId("3f1c2a9e-0d4b-4c55-9a67-000000000001"),
    deviceKey: new Uint8Array(65).fill(4),
    sealingKey: new Uint8Array(32).fill(5),
    certificate: new TextEncoder().encode("a certificate"),
  });
  client.release();
  const { rows } = await pool.query(
    "select statement, public, topic from evidence_statement where leaf_id = $1",
    [leafId],
  );
  const statement =
    '{"at":1795320000000,' +
    '"certificateSha256":"81acd762140fa692a142822d2fbe4dc6f54bcaa501f68ab37e5aeed0bafe4d99",' +
    '"deviceKey":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ",' +
    '"gateId":"3f1c2a9e-0d4b-4c55-9a67-000000000001",' +
    '"sealingKey":"BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU","topic":"gate-certificate-issued"}';
  expect(rows).toEqual([{ statement, public: true, topic: "gate-certificate-issued" }]);

  expect(await source.proveIssue(leafId)).toBeUndefined();
  await pool.query("insert into evidence_leaf values (4, $1, now())", [leafId]);
  expect(await source.proveIssue(leafId)).toBeUndefined();
  published = true;
  expect(await source.proveIssue(leafId)).toEqual({
    statement,
    salt: expect.any(Uint8Array),
    leafIndex: 4,
    treeSize: 6,
    proof: [new Uint8Array(32).fill(1)],
    checkpoint: "log.example\n6\n…\n",
  });
});
