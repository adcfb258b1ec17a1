import * as crypto from "@menshen/crypto/node";
import { startTestPostgres, type TestPostgres } from "@menshen/testkit/postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../index.ts";
import type { EvidenceLog, LogPool } from "./index.ts";
import {
  emptyLog,
  failingOnce,
  LOG_KEY,
  logOn,
  NOW_MS,
  numbered,
  ORIGIN,
  record,
  sequenceAll,
  startWitness,
  type TestWitness,
} from "./log-world.fixture.ts";

let postgres: TestPostgres;
let city: TestWitness;
let committee: TestWitness;
/** The first database, empty at the start of each test, or the copy that a test goes on with. */
let pool: LogPool;
let backups = 0;

/** What a backup of the first database made now would bring back. */
const backup = () => {
  backups += 1;
  return postgres.copy(`backup_${backups}`);
};

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  city = await startWitness("city", 11);
  committee = await startWitness("committee", 12);
  pool = postgres.pool;
  await emptyLog(pool);
});
afterEach(async () => {
  await city.stop();
  await committee.stop();
});

const both = () => ({ witnesses: [city.address, committee.address], quorum: 2 });

async function append(log: EvidenceLog, count: number): Promise<void> {
  await record(pool, numbered(0, count));
  await sequenceAll(log);
}

const bodies = async (log: EvidenceLog) =>
  (await log.published())?.cosignatures.map(({ key, timeSeconds }) => [key.name, timeSeconds]);

describe("a log with two witnesses", () => {
  it("shows a checkpoint once both have cosigned", async () => {
    const log = logOn(pool, both());
    await append(log, 3);
    expect(await log.published()).toBeUndefined();
    const { size, results } = await log.publish();
    expect(size).toBe(3);
    expect(results.map(({ answer }) => answer.answer)).toEqual(["cosigned", "cosigned"]);
    expect(await bodies(log)).toEqual([
      ["city.example/witness", NOW_MS / 1_000],
      ["committee.example/witness", NOW_MS / 1_000],
    ]);
    const note = (await log.published())?.note ?? new Uint8Array();
    const identity = { origin: ORIGIN, logKeys: [LOG_KEY], witnessKeys: [city.address.key] };
    expect(openCheckpoint(crypto, note, identity)).toMatchObject({ opened: true });
    // Nobody is asked again, until the cosignatures get old.
    expect(await log.publish()).toEqual({ size: 3, results: [] });
    const later = logOn(pool, { ...both(), now: () => NOW_MS + 3_602_000 });
    expect((await later.publish()).results).toHaveLength(2);
  });

  it("goes on without one that is down, and shows nothing new until it is back", async () => {
    const log = logOn(pool, both());
    await append(log, 3);
    await log.publish();
    await committee.stop();
    await append(log, 4);
    const { size, results } = await log.publish();
    expect(size).toBe(3);
    expect(results.map(({ trouble }) => trouble)).toEqual([undefined, "witness-silent"]);
    await committee.start();
    expect((await log.publish()).size).toBe(7);
  });

  it("one body is enough where the policy says so, and the other is added later", async () => {
    const log = logOn(pool, { ...both(), quorum: 1 });
    await append(log, 3);
    await committee.stop();
    await append(log, 1);
    expect((await log.publish()).size).toBe(4);
    expect(await bodies(log)).toEqual([["city.example/witness", NOW_MS / 1_000]]);
    await committee.start();
    await log.publish();
    expect(await bodies(log)).toHaveLength(2);
  });

  it("a witness that changed its mind about the size is told from where it knows", async () => {
    // The answer of the first publishing is lost before it is stored.
    const losing = logOn(failingOnce(pool, /^commit/, "not saved"), both());
    const log = logOn(pool, both());
    await append(log, 3);
    await expect(losing.publish()).rejects.toThrow();
    await append(log, 2);
    expect((await log.publish()).size).toBe(5);
  });
});

describe("after a restart", () => {
  it("one dead witness stops nothing: another of its body speaks for it", async () => {
    const second = await startWitness("city.second", 13);
    const witnesses = [city.address, { ...second.address, body: "city" }];
    const log = logOn(pool, { witnesses, quorum: 1 });
    await append(log, 3);
    await log.publish();
    await city.stop();
    const fresh = logOn(pool, { witnesses, quorum: 1 });
    await append(fresh, 1);
    expect((await fresh.publish()).results.map(({ trouble }) => trouble)).toEqual([
      "witness-silent",
      undefined,
    ]);
    await second.stop();
    expect(await logOn(pool, { witnesses, quorum: 1 }).sequence()).toMatchObject({
      alarm: "witnesses-silent",
    });
  });

  it("one dead body of two stops nothing where one is enough", async () => {
    await append(logOn(pool, { ...both(), quorum: 1 }), 3);
    await committee.stop();
    expect(await logOn(pool, { ...both(), quorum: 1 }).sequence()).toMatchObject({ outcome: "sequenced" });
  });

  it("a witness that only counts as extra is not waited for, and does not speak for others", async () => {
    const extra = { ...committee.address, extra: true };
    await committee.stop();
    expect(await logOn(pool, { witnesses: [extra], quorum: 0 }).sequence()).toMatchObject({
      outcome: "sequenced",
    });
    await committee.start();
    await city.stop();
    const log = logOn(pool, { witnesses: [city.address, extra], quorum: 1 });
    expect(await log.sequence()).toMatchObject({ alarm: "witnesses-silent" });
    await log.publish();
    expect(await log.published()).toBeUndefined();
  });

  it("no quorum, no waiting", async () => {
    await city.stop();
    await committee.stop();
    expect(await logOn(pool, { ...both(), quorum: 0 }).sequence()).toMatchObject({ outcome: "sequenced" });
  });
});

describe("other witnesses while the log runs", () => {
  it("are asked from then on, and what the earlier ones said stays", async () => {
    const log = logOn(pool);
    await append(log, 2);
    expect((await log.publish()).size).toBe(2);
    expect(await log.tryWitness(city.address)).toMatchObject({ answer: { answer: "cosigned" } });
    log.relyOn([city.address], 1);
    expect(await log.sequence()).toMatchObject({ outcome: "sequenced" });
    await log.publish();
    expect(await bodies(log)).toEqual([["city.example/witness", NOW_MS / 1_000]]);
    await city.stop();
    log.relyOn([city.address, committee.address], 1);
    expect(await log.sequence()).toMatchObject({ outcome: "sequenced" });
    log.relyOn([], 0);
    await log.publish();
    expect(await bodies(log)).toEqual([]);
    expect(() => log.relyOn([city.address, city.address], 1)).toThrow();
    expect((await log.publish()).results).toEqual([]);
  });

  it("a witness that is tried must answer, with the key that is expected of it", async () => {
    const log = logOn(pool);
    expect(await log.tryWitness(city.address)).toBeUndefined();
    await append(log, 2);
    const { url } = city.address;
    expect(await log.tryWitness({ ...committee.address, url })).toMatchObject({ trouble: "witness-silent" });
    await city.stop();
    expect(await log.tryWitness(city.address)).toMatchObject({ trouble: "witness-silent" });
  });
});

describe("noticed and refused:", () => {
  it("a database restored from an older copy", async () => {
    const log = logOn(pool, both());
    await append(log, 3);
    await log.publish();
    const restored = await backup();
    await append(log, 2);
    await log.publish();
    pool = restored;
    const after = logOn(restored, both());
    await record(restored, ["another history"]);
    expect(await after.sequence()).toEqual({
      outcome: "refused",
      alarm: "log-behind-witness",
      storedSize: 3,
      seenSize: 5,
    });
    // Nothing was signed that contradicts what was shown, and the leaf still waits.
    expect((await after.head())?.checkpoint.size).toBe(3);
    expect((await restored.query("select 1 from evidence_pending")).rows).toHaveLength(1);
    expect((await after.publish()).size).toBe(3);
  });

  it("a database that was emptied", async () => {
    const log = logOn(pool, both());
    await append(log, 3);
    await log.publish();
    await emptyLog(pool);
    const empty = logOn(pool, both());
    expect(await empty.sequence()).toMatchObject({ outcome: "refused", alarm: "log-behind-witness" });
    expect((await empty.head())?.checkpoint.size).toBe(0);
  });

  it("a restored database while no witness can say so: nothing is sequenced", async () => {
    const log = logOn(pool, both());
    await append(log, 3);
    await log.publish();
    await city.stop();
    await committee.stop();
    const fresh = logOn(pool, both());
    expect(await fresh.sequence()).toEqual({ outcome: "refused", alarm: "witnesses-silent", storedSize: 3 });
    await city.start();
    // A quorum of two of two bodies: whichever one answers was part of it.
    expect(await fresh.sequence()).toMatchObject({ outcome: "sequenced" });
  });

  it("a larger tree that only one witness has seen, while another of the same quorum knows less", async () => {
    const log = logOn(pool, both());
    await append(log, 3);
    await log.publish();
    const restored = await backup();
    await append(log, 2);
    await city.stop();
    await log.publish();
    await city.start();
    pool = restored;
    expect(await logOn(restored, { ...both(), quorum: 1 }).sequence()).toMatchObject({
      outcome: "refused",
      alarm: "log-behind-witness",
      seenSize: 5,
    });
  });

  it("a larger tree that a witness has seen which counts towards no quorum", async () => {
    const witnesses = [city.address, { ...committee.address, extra: true }];
    const log = logOn(pool, { witnesses, quorum: 1 });
    await append(log, 3);
    await log.publish();
    const restored = await backup();
    await city.stop();
    await append(log, 2);
    await log.publish();
    await city.start();
    pool = restored;
    expect(await logOn(restored, { witnesses, quorum: 1 }).sequence()).toMatchObject({
      alarm: "log-behind-witness",
      seenSize: 5,
    });
  });

  it("a database set back while the server runs", async () => {
    let current = pool;
    const switching: LogPool = {
      query: (text, values) => current.query(text, values),
      connect: () => current.connect(),
    };
    const log = logOn(switching);
    await append(log, 3);
    const older = await backup();
    await append(log, 2);
    current = older;
    const refused = { outcome: "refused", alarm: "log-behind-itself", storedSize: 3, seenSize: 5 };
    expect(await log.sequence()).toEqual(refused);
    // Grown again to the same size, but other.
    pool = older;
    await append(logOn(older), 4);
    expect(await log.sequence()).toEqual({ ...refused, storedSize: 7 });
  });

  it("two databases that went on from one copy", async () => {
    const log = logOn(pool, both());
    await append(log, 3);
    await log.publish();
    const other = await backup();
    await append(log, 2);
    await log.publish();
    // Somebody ran the copy without its witnesses.
    await record(other, numbered(100, 4));
    await sequenceAll(logOn(other));
    const fork = logOn(other, both());
    await record(other, ["one more"]);
    expect(await fork.sequence()).toEqual({ outcome: "refused", alarm: "log-forked", storedSize: 7 });
    expect((await fork.publish()).results.map(({ trouble }) => trouble)).toEqual([
      "log-forked",
      "log-forked",
    ]);
    expect((await fork.publish()).size).toBe(3);
    // The true one goes on.
    expect(await log.sequence()).toMatchObject({ outcome: "sequenced" });
  });

  it("another root for the size that was cosigned, kept by the witness as evidence", async () => {
    const other = await backup();
    const log = logOn(pool, both());
    await append(log, 3);
    await log.publish();
    await record(other, numbered(100, 3));
    await sequenceAll(logOn(other));
    expect(await logOn(other, both()).sequence()).toMatchObject({ alarm: "log-forked" });
    const [evidence = new Uint8Array()] = city.forks();
    const identity = { origin: ORIGIN, logKeys: [LOG_KEY], witnessKeys: [] };
    expect(openCheckpoint(crypto, evidence, identity)).toMatchObject({
      opened: true,
      signed: { checkpoint: { size: 3 } },
    });
  });

  it("a witness that lost its memory", async () => {
    const log = logOn(pool, both());
    await append(log, 3);
    await log.publish();
    city.forget();
    await append(log, 2);
    const { size, results } = await log.publish();
    expect(size).toBe(3);
    expect(results[0]).toMatchObject({ trouble: "witness-lost-state", witnessSize: 0 });
    expect(await logOn(pool, { witnesses: [city.address], quorum: 1 }).sequence()).toMatchObject({
      alarm: "witnesses-silent",
    });
  });
});
