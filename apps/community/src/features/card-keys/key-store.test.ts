import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes, toHex } from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { joinShares } from "@menshen/key-service";
import {
  cardKeyEndpoints,
  changeEndpoints,
  credentialEndpoints,
  gateEndpoints,
  keyRequestEndpoints,
  personEndpoints,
} from "@menshen/wire";
import { afterAll, expect, test } from "vitest";
import type { Keys } from "../../keys/card-masters.ts";
import { keysLocked } from "../../keys/key-vault.ts";
import { makeStorageKey } from "../../keys/storage-key.ts";
import { startTestServer, testKeyPlan } from "../../testing/test-server.ts";
import { buildSite, type TestSite } from "../../testing/test-site.ts";
import { makeCardKeys } from "../credentials/index.ts";
import { makeKeyringMaker, makeModelCache, makePublisher } from "../publishing/index.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-key-store-"));
afterAll(() => rmSync(folder, { recursive: true }));
const PASSPHRASE = "two gods at one door";
const UNLOCK = { reason: { code: "maintenance" } } as const;
const storageKey = makeStorageKey(randomBytes(32));
// Nothing opens the keys at the start: the passphrase is a person's.
const { place } = testKeyPlan(folder);
const server = await startTestServer({ keyPlan: { place }, storageKey }, Instant(Date.now()));
let site: TestSite;

test("a server whose keys are locked runs, and says plainly what waits for them", async () => {
  const operate = await server.founder();
  const person = await operate.call(personEndpoints.create, { body: { displayName: "李奶奶" } });
  for (const card of [{ kind: "desfire", identifier: "04a1b2c3d4e5aa" } as const, { kind: "pin" } as const]) {
    expect(
      await operate.refused(credentialEndpoints.enrol, { body: { ...card, personId: person.id } }),
    ).toMatchObject({ code: "keys-locked", status: 503 });
  }
  // A card that carries no key of ours needs none.
  await operate.call(credentialEndpoints.enrol, {
    body: {
      kind: "uid",
      identifier: "a1b2c3d4",
      personId: person.id,
      until: Date.now() + 86_400_000,
    },
  });
  expect(await operate.refused(keyRequestEndpoints.askToStart, UNLOCK)).toMatchObject({
    code: "keys-locked",
  });
  expect(await operate.call(cardKeyEndpoints.store)).toEqual({ backEnd: "file", lock: "waiting", keys: [] });
  const { items } = await operate.call(gateEndpoints.health);
  expect(items.filter(({ code }) => code === "card-keys-locked")).toEqual([
    { code: "card-keys-locked", severity: "fault", values: { lock: "waiting" } },
  ]);
});

test("a member of staff for security unlocks them, with a reason, and nobody else", async () => {
  const [operate, secure] = [await server.founder(), await server.founder("secure")];
  const unlock = (secret: string) => ({ body: { secret }, ...UNLOCK });
  expect(await operate.refused(cardKeyEndpoints.unlock, unlock(PASSPHRASE))).toMatchObject({
    code: "wrong-duty",
    duty: "secure",
  });
  const installer = await server.member("installer");
  expect(await installer.refused(cardKeyEndpoints.unlock, unlock(PASSPHRASE))).toMatchObject({
    code: "forbidden",
  });
  expect(await secure.refused(cardKeyEndpoints.unlock, { body: { secret: PASSPHRASE } })).toMatchObject({
    code: "reason-required",
  });
  expect(await secure.refused(cardKeyEndpoints.unlock, unlock("short"))).toMatchObject({
    code: "invalid-request",
  });

  const { keys } = await secure.call(cardKeyEndpoints.unlock, unlock(PASSPHRASE));
  expect(keys.map(({ name, version }) => `${name} ${version}`)).toEqual([
    "card-master-desfire 1",
    "card-master-ntag424 1",
    "card-privacy 1",
    "pin-pepper 1",
  ]);
  // Twice is no trouble, whatever is typed the second time.
  await secure.call(cardKeyEndpoints.unlock, unlock("anything"));
  const auditor = await server.founder("audit");
  const { items } = await auditor.call(changeEndpoints.list, { query: { entity: "card-keys" } });
  expect(items.map(({ action }) => action)).toEqual(["card-keys.unlocked"]);
  expect(JSON.stringify(items)).not.toContain(PASSPHRASE);
});

test("after it cards are written, and gates get the keys that waited", async () => {
  site = await buildSite(server);
  expect(site.resident.cardKey).toHaveLength(32);
  let keys: Keys = () => {
    throw keysLocked();
  };
  const publisher = makePublisher({
    db: server.db,
    clock: server.clock,
    cache: makeModelCache(server.db),
    keyrings: makeKeyringMaker({
      storageKey,
      cardKeys: makeCardKeys({ keys: () => keys(), communityId: await communityId() }),
      keys: () => keys(),
    }),
    aliro: () => Promise.resolve(undefined),
    holders: () => Promise.resolve(undefined),
    settle: () => {},
  });
  const gateId = GateId(site.gateId);
  const locked = await publisher.compileFor(gateId, { snapshotVersion: 1 });
  expect(locked.snapshot).toBeDefined();
  expect(locked).not.toHaveProperty("keyring");
  keys = server.keyVault.keys;
  const current = { version: 1, document: locked.snapshot ?? new Uint8Array() };
  const made = await publisher.compileFor(gateId, { snapshotVersion: 2, current });
  expect(made).not.toHaveProperty("snapshot");
  expect(made.keyring?.cards.map(({ keys: [key] }) => toHex(key?.key ?? new Uint8Array()))).toEqual([
    site.resident.cardKey,
  ]);
});

test("five wrong passphrases close the way for ten minutes, and a server opens no other community's keys", async () => {
  const again = await startTestServer({ keyPlan: { place } });
  // What the start was to open holds the keys of another.
  const secure = await again.founder("secure");
  const unlock = (secret: string) => ({ body: { secret }, ...UNLOCK });
  for (let attempt = 0; attempt < 5; attempt++) {
    expect(await secure.refused(cardKeyEndpoints.unlock, unlock("wrong"))).toMatchObject({
      code: "conflict",
    });
  }
  expect(await secure.refused(cardKeyEndpoints.unlock, unlock(PASSPHRASE))).toMatchObject({
    code: "rate-limited",
    retryAfterSeconds: 600,
  });
});

test("a copy of the database with the storage key opens no key of a card or PIN", async () => {
  const { pin } = await site.operate.call(credentialEndpoints.enrol, {
    body: { kind: "pin", personId: site.resident.personId, dwellingId: site.dwellingIds[0] },
  });
  expect(pin).toHaveLength(8);
  const opened = await openAll();
  // The attack works as far as it goes: the storage key opens the number on the card.
  expect(opened.some((hex) => hex === "04a1b2c3d4e5f6")).toBe(true);
  const service = server.keyVault.keys();
  const secrets = [site.resident.cardKey];
  for (const { reference } of await service.list()) {
    secrets.push(toHex(await joinShares(await service.export(reference, { threshold: 2, count: 2 }))));
  }
  expect(secrets).toHaveLength(5);
  for (const secret of secrets) expect(opened.filter((hex) => hex.includes(secret))).toEqual([]);
});

async function communityId(): Promise<string> {
  const { rows } = await server.pool.query("select id from community");
  return String(rows[0].id);
}

/** Every value of every table, and what the storage key makes of it under each name that stands in its row. */
async function openAll(): Promise<string[]> {
  const { rows: tables } = await server.pool.query(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await server.pool.query(`select * from ${name}`);
    for (const row of rows) {
      const values: unknown[] = Object.values(row).flat();
      const texts = values.filter((value) => typeof value === "string");
      found.push(...texts);
      for (const value of values) {
        if (!Buffer.isBuffer(value)) continue;
        found.push(value.toString("hex"));
        for (const text of texts) {
          for (const context of ["secret", "identifier", "duress-pin"]) {
            const opened = tryOpen(value, `${context}:${text}`);
            if (opened !== undefined) found.push(toHex(opened));
          }
        }
      }
    }
  }
  return found;
}

function tryOpen(sealed: Uint8Array, context: string): Uint8Array | undefined {
  try {
    return storageKey.open(sealed, context);
  } catch {
    return undefined;
  }
}
