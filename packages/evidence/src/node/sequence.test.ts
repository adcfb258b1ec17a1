import * as crypto from "@menshen/crypto/node";
import { startTestPostgres, type TestPostgres } from "@menshen/testkit/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  hashLeaf,
  parseEntryBundle,
  readEdge,
  readEntries,
  verifyInclusionOfMany,
  verifyLogProof,
} from "../index.ts";
import type { EvidenceLog } from "./index.ts";
import {
  failingOnce,
  LOG_KEY,
  logOn,
  NOW_MS,
  numbered,
  ORIGIN,
  published,
  record,
  sequenceAll,
} from "./log-world.fixture.ts";

const { sha256 } = crypto;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
let postgres: TestPostgres;
let next = 0;
/** What was acknowledged to whoever recorded it: id and entry. */
const acknowledged = new Map<string, string>();

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function recordSome(count: number): Promise<string[]> {
  const entries = numbered(next, count);
  next += count;
  const ids = await record(postgres.pool, entries);
  for (const [place, id] of ids.entries()) acknowledged.set(id, entries[place] ?? "");
  return ids;
}

/** Every acknowledged leaf once, at the index its id says, in tiles that add up to the signed root. */
async function expectWhole(log: EvidenceLog): Promise<void> {
  await log.publish();
  const head = (await log.published())?.signed.checkpoint;
  if (head === undefined) throw new Error("nothing was published");
  expect(head.size).toBe(acknowledged.size);
  expect(await readEdge(sha256, published(log), head)).toMatchObject({ read: true });
  const entries: string[] = [];
  for (let bundle = 0; bundle * 256 < head.size; bundle += 1) {
    const read = await readEntries(sha256, published(log), head, bundle);
    if (!read.read) throw new Error(`${read.path}: ${read.refusal}`);
    entries.push(...read.entries.map(text));
  }
  expect(entries.toSorted()).toEqual([...acknowledged.values()].toSorted());
  const { rows } = await postgres.pool.query<{ leaf_id: string; index: string }>(
    "select leaf_id, index from evidence_leaf",
  );
  expect(rows.filter((row) => entries[Number(row.index)] !== acknowledged.get(row.leaf_id))).toEqual([]);
  expect(rows).toHaveLength(acknowledged.size);
}

describe("a log in PostgreSQL", () => {
  it("begins empty, with a signed and published checkpoint", async () => {
    const log = logOn(postgres.pool);
    expect(await log.head()).toBeUndefined();
    expect(await log.published()).toBeUndefined();
    expect(await log.sequence()).toMatchObject({ outcome: "sequenced", appended: 0, head: { size: 0 } });
    expect(await log.publish()).toEqual({ size: 0, results: [] });
    expect(text((await log.published())?.note ?? new Uint8Array())).toMatch(
      /^log\.menshen\.local\/test\n0\n47DEQpj8HBSa\+\/TImW\+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— log\.menshen\.local\/test \S+\n$/,
    );
    expect(await log.inclusionOf(0)).toBeUndefined();
    expect(await log.inclusionOfMany([0], "signed")).toBeUndefined();
  });

  it("gives indices in the order of recording and proves each leaf offline", async () => {
    const ids = await recordSome(3);
    const log = logOn(postgres.pool);
    expect(await log.indexOf(ids[0] ?? "")).toBeUndefined();
    expect(await log.sequence()).toMatchObject({ outcome: "sequenced", appended: 3, more: false });
    expect(await Promise.all(ids.map((id) => log.indexOf(id)))).toEqual([0, 1, 2]);
    // Committed, and still not shown.
    expect(await log.proofOf(2)).toBeUndefined();
    expect(await log.readTile("tile/0/000.p/3")).toBeUndefined();
    await log.publish();
    const verified = verifyLogProof(
      crypto,
      (await log.proofOf(2)) ?? "",
      { origin: ORIGIN, logKeys: [LOG_KEY] },
      { witnesses: [], quorum: 0 },
    );
    expect(verified).toMatchObject({ verified: true, index: 2 });
    expect(verified.verified && text(verified.entry)).toBe("entry 2");
    const tile = await log.readTile("tile/0/000.p/3");
    expect(tile?.slice(64)).toEqual(hashLeaf(sha256, Buffer.from("entry 2")));
  });

  it("a leaf recorded again counts once", async () => {
    const [id = ""] = await recordSome(1);
    const log = logOn(postgres.pool);
    await sequenceAll(log);
    await postgres.pool.query("insert into evidence_pending (leaf_id, entry) values ($1, 'again')", [id]);
    expect(await log.sequence()).toMatchObject({ appended: 0, head: { size: acknowledged.size } });
    expect((await postgres.pool.query("select 1 from evidence_pending")).rows).toEqual([]);
    await expectWhole(log);
  });

  it("partial tiles go with the full one, and are cut from it for who still asks", async () => {
    const log = logOn(postgres.pool);
    await log.publish();
    const size = acknowledged.size;
    const [before, bundleBefore] = [
      await log.readTile(`tile/0/000.p/${size}`),
      await log.readTile(`tile/entries/000.p/${size}`),
    ];
    await recordSome(256);
    await sequenceAll(log);
    const { rows } = await postgres.pool.query("select path from evidence_tile order by path");
    expect(rows.map(({ path }) => path)).toEqual([
      "tile/0/000",
      `tile/0/001.p/${size}`,
      "tile/1/000.p/1",
      "tile/entries/000",
      `tile/entries/001.p/${size}`,
    ]);
    // Not published yet: the larger tree does not show.
    expect(await log.readTile("tile/0/000")).toBeUndefined();
    expect(await log.readTile(`tile/0/000.p/${size + 1}`)).toBeUndefined();
    expect(await log.readTile(`tile/0/000.p/${size}`)).toEqual(before);
    expect(await log.readTile(`tile/entries/000.p/${size}`)).toEqual(bundleBefore);
    expect(parseEntryBundle(bundleBefore ?? new Uint8Array())).toHaveLength(size);
    await expectWhole(log);
    expect(await log.readTile("tile/0/000")).toHaveLength(8_192);
    expect(await log.readTile("tile/0/../../secret")).toBeUndefined();
  });

  it("two sequencers at once give each leaf one index", async () => {
    const logs = [logOn(postgres.pool), logOn(postgres.pool)];
    const recording = (async () => {
      for (let batch = 0; batch < 20; batch += 1) await recordSome(37);
    })();
    const work = logs.map(async (log) => {
      for (let round = 0; round < 25; round += 1) await sequenceAll(log);
    });
    await Promise.all([recording, ...work]);
    const [log = logOn(postgres.pool)] = logs;
    await sequenceAll(log);
    await expectWhole(log);
  });
});

describe.each(["not saved", "saved but reported failed"] as const)("a write that is %s", (mode) => {
  it.each([
    ["the waiting leaves' deletion", /^delete from evidence_pending/],
    ["the leaves", /^\s*insert into evidence_leaf/],
    ["the tiles", /^insert into evidence_tile/],
    ["the partial tiles' deletion", /^delete from evidence_tile/],
    ["the checkpoint", /^insert into evidence_checkpoint/],
  ])("(%s) leaves nothing behind", async (_what, statement) => {
    const before = (await logOn(postgres.pool).head())?.checkpoint.size;
    await recordSome(300);
    const pool = failingOnce(postgres.pool, statement, mode);
    const log = logOn(pool);
    await expect(log.sequence()).rejects.toThrow("connection lost");
    expect(pool.failed).toBe(true);
    expect((await log.head())?.checkpoint.size).toBe(before);
    await sequenceAll(log);
    await expectWhole(log);
  });

  it("(the commit) is looked up and answered as it stands", async () => {
    await recordSome(300);
    const pool = failingOnce(postgres.pool, /^commit/, mode);
    const log = logOn(pool);
    const done = await log.sequence();
    expect(pool.failed).toBe(true);
    // Saved: the second look finds nothing to do. Not saved: it does the work.
    expect(done).toMatchObject({
      head: { size: acknowledged.size },
      appended: mode === "not saved" ? 300 : 0,
    });
    await expectWhole(log);
  });

  it.each([
    ["what is published", /^update evidence_checkpoint/],
    ["the commit of what is published", /^commit/],
  ])("(%s) is written again", async (_what, statement) => {
    await recordSome(5);
    await sequenceAll(logOn(postgres.pool));
    const pool = failingOnce(postgres.pool, statement, mode);
    const log = logOn(pool);
    await expect(log.publish()).rejects.toThrow();
    expect(pool.failed).toBe(true);
    await expectWhole(log);
  });
});

describe("a stored log is refused as damaged", () => {
  const damaged = expect.objectContaining({ code: "log-damaged" });

  async function withChange(change: string, act: (log: EvidenceLog) => Promise<unknown>): Promise<void> {
    const client = await postgres.pool.connect();
    try {
      await client.query("begin");
      await client.query("set local session_replication_role = replica");
      await client.query(change);
      await record(client, ["one more"]);
      // The log reads inside this transaction, and never commits it.
      const quiet = (statement: string) => /^(begin|commit)$/.test(statement);
      const query = async (statement: string, values?: unknown[]) =>
        quiet(statement) ? { rows: [] } : await client.query(statement, values);
      const connect = async () => ({ query, release() {}, on() {}, off() {} });
      await act(logOn({ query, connect }));
    } finally {
      await client.query("rollback");
      client.release();
    }
  }

  it.each([
    [
      "a flipped bit in a tile of the edge",
      "update evidence_tile set bytes = set_byte(bytes, 3, 255 - get_byte(bytes, 3))",
    ],
    [
      "a bundle that is cut off",
      "update evidence_tile set bytes = substr(bytes, 2) where path like 'tile/entries/%'",
    ],
    ["missing tiles", "delete from evidence_tile"],
    ["another root in the row", "update evidence_checkpoint set root = decode(repeat('00', 32), 'hex')"],
    ["another checkpoint in the note", "update evidence_checkpoint set signed = 'x'"],
  ])("with %s", async (_what, change) => {
    await withChange(change, async (log) => {
      await expect(log.sequence()).rejects.toEqual(damaged);
    });
  });

  it("with another key", async () => {
    const log = logOn(postgres.pool, { secretKey: new Uint8Array(32).fill(8), now: () => NOW_MS });
    await expect(log.sequence()).rejects.toEqual(damaged);
  });
});

it("proves several leaves at once: of the tree it has signed, and of the published one once it is there", async () => {
  const log = logOn(postgres.pool);
  await recordSome(5);
  await log.sequence();
  const newest = await log.head();
  if (newest === undefined) throw new Error("nothing was signed");
  const { size, root } = newest.checkpoint;
  const entries = [size - 5, size - 1];
  const ids = [...acknowledged.values()].slice(-5);
  const leaves = entries.map((index, i) => ({
    index,
    leafHash: hashLeaf(sha256, Buffer.from(ids[i * 4] ?? "")),
  }));
  expect(await log.inclusionOfMany(entries, "published")).toBeUndefined();
  const signed = await log.inclusionOfMany(entries, "signed");
  expect(signed?.checkpoint).toEqual(newest.note);
  expect(verifyInclusionOfMany(sha256, { leaves, size, root, proof: signed?.hashes ?? [] })).toBe(true);
  await log.publish();
  expect(await log.inclusionOfMany(entries, "published")).toEqual(signed);
  expect(await log.inclusionOfMany([size], "published")).toBeUndefined();
});
