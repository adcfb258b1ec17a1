import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { toHex } from "@menshen/crypto/node";
import { type KeyService, openFileKeyService } from "@menshen/key-service";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { moment } from "../database/database.ts";
import { startTestDatabase } from "../testing/test-database.ts";
import { beginVersion, cardKeys, destroyVersion, pinKeyOf, privacyKeyOf } from "./card-masters.ts";
import { settleKeys } from "./settle-keys.ts";
import { makeStorageKey } from "./storage-key.ts";

const { db, pool, connection } = await startTestDatabase();
const NOW = 1_800_000_000_000;
const COMMUNITY = "0190a8b0-1111-7222-8333-444455556666";
const UID = Uint8Array.of(4, 1, 2, 3, 4, 5, 6);
const CHEAP = { memoryKib: 64, passes: 1, lanes: 1 };
const storageKey = makeStorageKey(new Uint8Array(32).fill(7));
const folder = mkdtempSync(join(tmpdir(), "menshen-settle-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
let file: string;
beforeEach(() => {
  count += 1;
  file = join(folder, String(count), "store");
});
afterEach(async () => {
  await db.deleteFrom("kept_key").execute();
  await db.deleteFrom("server_secret").execute();
  await db.deleteFrom("card_key_version").where("version", ">", 1).execute();
  await db.updateTable("card_key_version").set({ ended_at: null }).execute();
});

const open = () => openFileKeyService(file, "passphrase", { cost: CHEAP });

/** A start of the server; killed after so many durable steps, if they are told. */
async function start(service: KeyService, steps = Number.POSITIVE_INFINITY): Promise<boolean> {
  const settling = settleKeys({ db, storageKey, service, communityId: COMMUNITY, now: NOW });
  for (let step = 0; step < steps; step++) if ((await settling.next()).done) return true;
  return false;
}

async function keysOf(service: KeyService, version: number): Promise<(string | undefined)[]> {
  const requests = (["desfire", "ntag424"] as const).map((kind) => ({
    kind,
    uid: UID,
    doorGroup: 1,
    version,
  }));
  return (await cardKeys(service, COMMUNITY, requests)).map((key) => key && toHex(key));
}

const counted = (first: number) => Uint8Array.from({ length: 16 }, (_, index) => first + index);

/** What a server of an earlier version left: two masters, of which version 2 comes, and the shared keys. */
async function earlierDatabase(): Promise<void> {
  const rows = [
    ["master:desfire", counted(0)],
    ["master:ntag424", counted(16)],
    ["privacy-key", counted(32)],
    ["pin-key", counted(48)],
    ["pass-key", counted(64)],
  ] as const;
  for (const [name, value] of rows) {
    const sealed = storageKey.seal(value, `secret:${name}`);
    await db
      .insertInto("server_secret")
      .values({ name, sealed, created_at: moment(NOW) })
      .execute();
  }
  await db
    .insertInto("card_key_version")
    .values({ version: 2, started_at: moment(NOW) })
    .execute();
}

async function expectMoved(service: KeyService): Promise<void> {
  // Computed by the server before keys had a service of their own.
  expect(await keysOf(service, 1)).toEqual([
    "328803780a8000fea66c9548d61fee0a",
    "e94c356e3426c4a2924226c2bb1fb405",
  ]);
  expect(await keysOf(service, 2)).toEqual([
    "aa75d221776706b5ecad58f9d7ee1a75",
    "777708a409100c5e675f93a4e9e23a41",
  ]);
  expect(await privacyKeyOf(service)).toEqual(counted(32));
  expect(await pinKeyOf(service)).toEqual(counted(48));
  const left = await db.selectFrom("server_secret").select("name").execute();
  expect(left).toEqual([{ name: "pass-key" }]);
}

test("a first start draws the keys, the next one finds them", async () => {
  const service = await open();
  expect(await start(service)).toBe(true);
  const drawn = await service.list();
  expect(drawn.map(({ reference, use }) => `${reference.name} ${use}`)).toEqual([
    "card-master-desfire diversify",
    "card-master-ntag424 diversify",
    "card-privacy shared",
    "pin-pepper shared",
  ]);
  await start(service);
  expect(await service.list()).toEqual(drawn);
});

test("keys of an earlier database are moved, whenever the server is killed meanwhile", async () => {
  let steps = 0;
  for (; ; steps++) {
    await earlierDatabase();
    file = join(folder, `killed-${steps}`, "store");
    const killed = await open();
    const isDone = await start(killed, steps);
    await killed.close();
    // Another process, which knows only what is on disks.
    const again = await open();
    expect(await start(again)).toBe(true);
    await expectMoved(again);
    await again.close();
    await db.deleteFrom("kept_key").execute();
    await db.deleteFrom("server_secret").execute();
    await db.deleteFrom("card_key_version").where("version", ">", 1).execute();
    if (isDone) break;
  }
  // Six keys, the note, the table written anew, the rows gone.
  expect(steps).toBe(10);
});

test.each(["not stored", "stored but reported failed"])("a key that was %s is not lost", async (failure) => {
  await earlierDatabase();
  const service = await open();
  let calls = 0;
  const failing: KeyService = {
    ...service,
    async take(...key) {
      calls += 1;
      if (calls !== 3) return service.take(...key);
      if (failure !== "not stored") await service.take(...key);
      throw new Error("the disk is full");
    },
  };
  await expect(start(failing)).rejects.toThrow("the disk is full");
  expect(await db.selectFrom("server_secret").select("name").execute()).toHaveLength(5);
  await start(service);
  await expectMoved(service);
});

test("what was moved is in no page of the database's table any more", async () => {
  await earlierDatabase();
  const { rows: before } = await pool.query("select encode(sealed, 'hex') as hex from server_secret");
  await start(await open());
  const { rows } = await pool.query(
    "select encode(pg_read_binary_file(pg_relation_filepath('server_secret')), 'hex') as pages",
  );
  const pages: string = rows[0].pages;
  const found = before.filter(({ hex }) => pages.includes(hex));
  // The key of passes stays where it was.
  expect(found).toHaveLength(1);
});

test("a store without this community's keys is refused, and nothing is drawn into it", async () => {
  await start(await open());
  file = join(folder, "another", "store");
  const other = await open();
  await expect(start(other)).rejects.toMatchObject({ code: "keys-unreadable" });
  expect(await other.list()).toEqual([]);
  expect(existsSync(file)).toBe(true);
});

test("a version takes the masters of a ceremony, else draws them, and leaves nothing when it ends", async () => {
  const service = await open();
  await start(service);
  const made = await service.take({ name: "card-master-desfire", version: 2 }, "diversify", counted(0));
  await beginVersion(db, service, 2, NOW);
  await db
    .insertInto("card_key_version")
    .values({ version: 2, started_at: moment(NOW) })
    .execute();
  expect((await keysOf(service, 2))[0]).toBe("328803780a8000fea66c9548d61fee0a");
  expect((await service.list()).filter(({ reference }) => reference.version === 2)).toEqual([
    made,
    expect.objectContaining({ reference: { name: "card-master-ntag424", version: 2 } }),
  ]);
  await destroyVersion(db, service, 1);
  expect(await keysOf(service, 1)).toEqual([undefined, undefined]);
});

test("a version that ended just before the server was killed is destroyed by the next start", async () => {
  const service = await open();
  await start(service);
  await beginVersion(db, service, 2, NOW);
  await db
    .insertInto("card_key_version")
    .values({ version: 2, started_at: moment(NOW) })
    .execute();
  await db
    .updateTable("card_key_version")
    .set({ ended_at: moment(NOW) })
    .where("version", "=", 1)
    .execute();
  await start(service);
  expect(await keysOf(service, 1)).toEqual([undefined, undefined]);
  expect((await keysOf(service, 2))[0]).toHaveLength(32);
  expect(await db.selectFrom("kept_key").select("version").where("version", "=", 1).execute()).toHaveLength(
    2,
  );
});

const PIN = "738219";
const FIXTURE = fileURLToPath(new URL("./settle-keys.fixture.ts", import.meta.url));

function makeToken(): Readonly<Record<string, string>> {
  mkdirSync(join(folder, "tokens"));
  const config = join(folder, "softhsm2.conf");
  writeFileSync(config, `directories.tokendir = ${join(folder, "tokens")}\nlog.level = ERROR\n`);
  const env = { SOFTHSM2_CONF: config };
  const pins = ["--so-pin", "90817263", "--pin", PIN];
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", "cards", ...pins], {
    stdio: "ignore",
    env: { ...process.env, ...env },
  });
  return env;
}

/** A process that moves keys into the token; killed once it has told so many steps. */
async function moveInProcess(env: Readonly<Record<string, string>>, steps?: number): Promise<string[]> {
  const plan = {
    connection,
    token: { library: "/usr/lib/softhsm/libsofthsm2.so", token: "cards", pin: PIN },
    storageKey: "07".repeat(32),
    communityId: COMMUNITY,
    uid: toHex(UID),
  };
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", FIXTURE], {
    env: { ...process.env, ...env, SETTLE_PLAN: JSON.stringify(plan) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(line);
    if (told.length === steps) child.kill("SIGKILL");
  }
  return told;
}

test("keys are moved into a token by a process that is killed in the middle, and by the next one", async () => {
  await earlierDatabase();
  const env = makeToken();
  expect((await moveInProcess(env, 3)).at(-1)).not.toContain("done");
  expect((await moveInProcess(env)).at(-1)).toBe(
    "done 328803780a8000fea66c9548d61fee0a aa75d221776706b5ecad58f9d7ee1a75 303132333435363738393a3b3c3d3e3f",
  );
  expect(await db.selectFrom("server_secret").select("name").execute()).toEqual([{ name: "pass-key" }]);
});
