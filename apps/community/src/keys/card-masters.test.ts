import { toHex } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { moment, type Reader } from "../database/database.ts";
import { startTestDatabase } from "../testing/test-database.ts";
import { destroyMasters, drawMasters, ensureMasters, openMasters } from "./card-masters.ts";
import { makeStorageKey } from "./storage-key.ts";

const { db } = await startTestDatabase();
const NOW = 1_800_000_000_000;
const COMMUNITY = "0190a8b0-1111-7222-8333-444455556666";
const storageKey = makeStorageKey(new Uint8Array(32).fill(7));

async function keys(reader: Reader, version: number): Promise<(string | undefined)[]> {
  const masters = await openMasters(reader, storageKey, COMMUNITY);
  try {
    return (["desfire", "ntag424"] as const).map((kind) => {
      const uid = Uint8Array.of(4, 1, 2, 3, 4, 5, 6);
      const key = masters.keyOf({ kind, uid, doorGroup: 1, version });
      return key && toHex(key);
    });
  } finally {
    masters.close();
  }
}

const names = async () =>
  (
    await db
      .selectFrom("server_secret")
      .select("name")
      .where("name", "like", "master:%")
      .orderBy("name")
      .execute()
  ).map(({ name }) => name);

test("versions of an earlier installation keep the keys that their cards carry", async () => {
  for (const [kind, first] of [
    ["desfire", 0],
    ["ntag424", 16],
  ] as const) {
    const name = `master:${kind}`;
    const master = Uint8Array.from({ length: 16 }, (_, index) => first + index);
    const sealed = storageKey.seal(master, `secret:${name}`);
    await db
      .insertInto("server_secret")
      .values({ name, sealed, created_at: moment(NOW) })
      .execute();
  }
  await db
    .insertInto("card_key_version")
    .values({ version: 2, started_at: moment(NOW) })
    .execute();
  for (const _start of [1, 2]) await ensureMasters(db, storageKey, COMMUNITY, NOW);
  expect(await names()).toEqual(["master:desfire", "master:desfire:2", "master:ntag424", "master:ntag424:2"]);
  expect(await keys(db, 1)).toEqual(["328803780a8000fea66c9548d61fee0a", "e94c356e3426c4a2924226c2bb1fb405"]);
  expect(await keys(db, 2)).toEqual(["aa75d221776706b5ecad58f9d7ee1a75", "777708a409100c5e675f93a4e9e23a41"]);
});

test("a version that ended has no keys, and a start brings none back", async () => {
  await db.transaction().execute((trx) => destroyMasters(trx, 1));
  await db
    .updateTable("card_key_version")
    .set({ ended_at: moment(NOW) })
    .where("version", "=", 1)
    .execute();
  await ensureMasters(db, storageKey, COMMUNITY, NOW);
  expect(await names()).toEqual(["master:desfire:2", "master:ntag424:2"]);
  expect(await keys(db, 1)).toEqual([undefined, undefined]);
});

test("later versions are drawn: nothing before says anything of them", async () => {
  const drawn: (string | undefined)[] = [];
  for (const _time of [1, 2]) {
    await db.transaction().execute(async (trx) => {
      await drawMasters(trx, storageKey, 3, NOW);
      drawn.push(...(await keys(trx, 3)));
      await destroyMasters(trx, 3);
    });
  }
  expect(new Set(drawn).size).toBe(4);
});
