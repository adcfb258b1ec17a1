import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coseVerify1, ed25519Verify, sha256 } from "@menshen/crypto/node";
import { Duration, GateId, Instant } from "@menshen/domain";
import { parseVerifierKey, verifyDeletionReceipt } from "@menshen/evidence";
import {
  consentNoticeEndpoints,
  deletionEndpoints,
  deletionTexts,
  enrolResponse,
  externalAad,
  forgetList,
  forgetMessage,
  forgottenMessage,
  gateEndpoints,
  ownDeletionEndpoints,
  ownRightsEndpoints,
  personEndpoints,
  residentConsentEndpoints,
  residentEndpoints,
  searchEndpoints,
  uuidText,
  wayTexts,
} from "@menshen/wire";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { openDatabase } from "../../database/database.ts";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { TestGate } from "../../gate-link/testing/test-gate.ts";
import { openPersonKeys, UNREADABLE } from "../../keys/person-keys.ts";
import { SEALED_COLUMNS, sealPersons } from "../../keys/seal-persons.ts";
import { makeStorageKey } from "../../keys/storage-key.ts";
import { leave } from "../../testing/test-resident.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { goodDraft, makeConsentWorld } from "../consent/consent.fixture.ts";
import { selectPerson } from "../people/people.store.ts";
import { selectCopy, selectRequestsOf } from "../rights/rights.store.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-persons-"));
const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const { operate, secure } = site;
const { community } = await server.visitor().call(residentEndpoints.session);
const world = makeConsentWorld(server, community.id);
const notice = await world.publish(operate, goodDraft(server.clock.now()));
const databases: string[] = [];
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const name of databases) await admin(`drop database ${name} with (force)`);
});

async function admin(text: string): Promise<void> {
  const client = new pg.Client({ ...server.connection, database: "template1" });
  await client.connect();
  await client.query(text);
  await client.end();
}

/** Every row of every table of a database, as a dump has them. */
type Dump = ReadonlyMap<string, string>;

async function connected(database: string): Promise<pg.Client> {
  const client = new pg.Client({ ...server.connection, database });
  await client.connect();
  return client;
}

async function dump(database = String(server.connection.database)): Promise<Dump> {
  const client = await connected(database);
  const { rows: tables } = await client.query(
    `select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind = 'r' and not relispartition and nspname not in ('pg_catalog', 'information_schema')`,
  );
  const lines = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await client.query(`select coalesce(json_agg(t), '[]')::text as lines from ${name} t`);
    lines.set(name, rows[0].lines);
  }
  await client.end();
  return lines;
}

/** Puts a dump into a database of its own. */
async function restore(from: Dump, name: string): Promise<void> {
  await admin(`create database ${name} template community_migrated`);
  databases.push(name);
  const client = await connected(name);
  await client.query("set session_replication_role = replica");
  for (const [table, lines] of from) {
    await client.query(`delete from ${table}`);
    await client.query(
      `insert into ${table} overriding system value select * from json_populate_recordset(null::${table}, $1)`,
      [lines],
    );
  }
  await client.end();
}

const textOf = (lines: Dump) => [...lines.values()].join("\n");

async function moveIn(displayName: string): Promise<string> {
  const residency = { role: "tenant", dwellingId: site.dwellingIds[1] } as const;
  return (await operate.call(personEndpoints.create, { body: { displayName, residency } })).id;
}

test("X1 (PIPL 47): a backup from before a deletion restores nothing that names the person", async () => {
  const NAME = "种在备份里的名字";
  const PHONE = "0571-99887766";
  const WORDS = "请更正门牌上的错字";
  const personId = await moveIn(NAME);
  const other = await moveIn("留下的邻居");
  const resident = await world.joined(operate, personId);
  await resident.give(notice);
  await resident.client.call(residentConsentEndpoints.setContact, { body: { kind: "phone", value: PHONE } });
  await resident.client.call(ownRightsEndpoints.ask, { body: { kind: "correction", words: WORDS } });

  // Before: whoever may, reads and finds it; the database itself says nothing of it in clear.
  const { items } = await operate.call(searchEndpoints.search, { query: { text: "备份里" } });
  expect(items).toMatchObject([{ type: "person", id: personId, title: NAME }]);
  expect((await operate.call(personEndpoints.list, { query: { text: NAME } })).items).toHaveLength(1);
  const backup = await dump();
  await restore(backup, "backup_before");
  const text = textOf(backup);
  for (const planted of [NAME, PHONE, WORDS]) {
    expect(text).not.toContain(planted);
    expect(text).not.toContain(Buffer.from(planted).toString("hex"));
  }
  const atThatTime = openDatabase(
    { ...server.connection, database: "backup_before" },
    () => {},
    server.personKeys.openText,
  );
  const readable = async () =>
    JSON.stringify([
      await selectPerson(atThatTime, personId, 0),
      await selectCopy(atThatTime, personId),
      await selectRequestsOf(atThatTime, personId),
    ]);
  expect(await readable()).toContain(NAME);
  expect(await readable()).toContain(WORDS);
  const sealed = await atThatTime
    .selectFrom("person_contact")
    .select("sealed")
    .where("person_id", "=", personId)
    .executeTakeFirstOrThrow();
  expect(new TextDecoder().decode(server.personKeys.open(personId, sealed.sealed, "contact"))).toContain(
    PHONE,
  );

  const keyFile = join(`${server.deskDays}-persons`, `${personId}.key`);
  const wrapped = readFileSync(keyFile);
  await leave(resident, operate);
  const erased = await operate.call(personEndpoints.erase, {
    params: { id: personId },
    reason: { code: "resident-request" },
  });
  expect(readdirSync(`${server.deskDays}-persons`)).not.toContain(`${personId}.key`);

  // After: the same copy, by the production code with the keys as they are now, and after a start of the server on it.
  const keys = openPersonKeys(`${server.deskDays}-persons`, server.storageKey);
  const restored = openDatabase({ ...server.connection, database: "backup_before" }, () => {}, keys.openText);
  await sealPersons({ db: restored, storageKey: server.storageKey, personKeys: keys });
  const said = JSON.stringify([
    await selectPerson(restored, personId, 0),
    await selectCopy(restored, personId),
    await selectRequestsOf(restored, personId),
    await restored.selectFrom("person_contact").selectAll().execute(),
  ]);
  for (const planted of [NAME, PHONE, WORDS]) expect(said).not.toContain(planted);
  expect((await selectPerson(restored, personId, 0))?.displayName).toBe(UNREADABLE);
  expect(keys.open(personId, sealed.sealed, "contact")).toBeUndefined();
  expect((await selectPerson(restored, other, 0))?.displayName).toBe("留下的邻居");
  expect(textOf(await dump("backup_before"))).not.toContain(NAME);
  await atThatTime.destroy();
  await restored.destroy();

  // A key file alone, without the storage key, opens nothing either.
  writeFileSync(join(folder, `${personId}.key`), wrapped, { mode: 0o600 });
  const stolen = openPersonKeys(folder, makeStorageKey(new Uint8Array(32)));
  expect(() => stolen.open(personId, sealed.sealed, "contact")).toThrow(
    expect.objectContaining({ code: "keys-unreadable" }),
  );
  const { deletion } = await operate.call(deletionEndpoints.get, { params: { id: erased.deletionId } });
  expect(deletion.stores.map(({ store, at }) => [store, at !== undefined])).toEqual([
    ["database", true],
    ["person-key", true],
    ["search", true],
    ["trail", true],
  ]);
});

test("X1 (PIPL 47): whoever comes back with a copy of the database is unreadable, and deleted again by itself", async () => {
  const personId = await moveIn("回来的人");
  const row = async () => (await server.pool.query("select * from person where id = $1", [personId])).rows[0];
  const before = await row();
  await operate.call(personEndpoints.remove, {
    params: { id: personId },
    reason: { code: "resident-request" },
  });
  await operate.call(personEndpoints.erase, {
    params: { id: personId },
    reason: { code: "resident-request" },
  });
  await server.pool.query("insert into person (id, display_name) values ($1, $2)", [
    personId,
    before.display_name,
  ]);
  expect((await operate.call(personEndpoints.get, { params: { id: personId } })).displayName).toBe(
    UNREADABLE,
  );
  await server.tidy();
  expect(await row()).toBeUndefined();
  const { items } = await operate.call(deletionEndpoints.list);
  expect(items.map(({ ground }) => ground)).toContain("restored");
});

test("X1: what an earlier version wrote in clear is sealed at the next start; no other column is a varchar", async () => {
  const [clear, gone] = [await moveIn("会被封存"), await moveIn("早已删除")];
  await server.pool.query("update person set display_name = '明文' where id = any($1)", [[clear, gone]]);
  server.personKeys.destroy(gone);
  expect(await sealPersons(server)).toBe(2);
  expect(await sealPersons(server)).toBe(0);
  const name = async (id: string) =>
    (await operate.call(personEndpoints.get, { params: { id } })).displayName;
  expect([await name(clear), await name(gone)]).toEqual(["明文", UNREADABLE]);
  expect(textOf(await dump())).not.toContain("明文");
  const { rows } = await server.pool.query(
    `select table_name as table, column_name as column from information_schema.columns
     where data_type = 'character varying' and table_schema in ('public', 'keys') order by 1, 2`,
  );
  expect(rows).toEqual(
    SEALED_COLUMNS.map(({ table, column }) => ({ table, column })).toSorted((one, two) =>
      `${one.table} ${one.column}` < `${two.table} ${two.column}` ? -1 : 1,
    ),
  );
});

async function enrolled(id: string): Promise<TestGate> {
  const gate = await TestGate.make(GateId(id));
  const { code, enrolUrl } = await secure.call(gateEndpoints.enrolmentCode, { params: { id } });
  gate.enrolment = enrolResponse.decode((await gate.enrol(server, enrolUrl, code)).body);
  return gate;
}

const openGateReceipt = (message: Uint8Array, publicKey: Uint8Array) => {
  const verified = coseVerify1({
    message,
    key: { alg: "ES256", publicKey },
    externalAad: externalAad("forgotten"),
  });
  if (!verified.verified) return undefined;
  const { gateId, deletionId } = forgottenMessage.decode(verified.payload);
  return { gateId, deletionId: uuidText(deletionId) };
};

async function verdict(text: string) {
  const { key } = await server.visitor().call(consentNoticeEndpoints.receiptKey);
  const parsed = parseVerifierKey(sha256, key);
  if (!parsed.parsed) throw new Error(parsed.refusal);
  return verifyDeletionReceipt({ ed25519Verify, openGateReceipt }, text, {
    receiptKey: parsed.key.publicKey,
  });
}

/** What the server asked a gate to forget, once it came. */
const asked = (gate: TestGate) =>
  eventually("a deletion at the gate", () => {
    const message = gate.received.find(({ kind }) => kind === "forget")?.payload;
    if (message === undefined) return undefined;
    const verified = coseVerify1({
      message,
      key: { alg: "EdDSA", publicKey: gate.enrolment?.policyKey ?? new Uint8Array() },
      externalAad: externalAad("forget"),
    });
    return verified.verified ? forgetMessage.decode(verified.payload) : undefined;
  });

async function answer(gate: TestGate, changes: Partial<Parameters<typeof forgottenMessage.encode>[0]> = {}) {
  const { deletionId, credentialKeys } = await asked(gate);
  const payload = forgottenMessage.encode({
    version: 1,
    gateId: gate.gateId,
    deletionId,
    listHash: sha256(forgetList(deletionId, credentialKeys)),
    earliest: Instant(server.clock.now()),
    latest: Instant(server.clock.now()),
    snapshotVersion: 2,
    keyringVersion: 2,
    passDocument: 0,
    counters: 1,
    telephones: 0,
    softwareVersion: "1.2.3",
    ...changes,
  });
  await gate.send("forgotten", gate.signed("forgotten", payload));
}

test("X2 (EN 303 645 5.11): each gate signs that it let go, an offline one at its first contact; the person sees who is missing", async () => {
  const online = await enrolled(site.gateId);
  const second = await secure.call(gateEndpoints.create, { body: { name: "地库控制器", doorGroup: 1 } });
  const offline = await enrolled(second.id);
  await online.connect(server);
  await online.sayHello();

  const resident = await world.joined(operate, site.resident.personId);
  const signed = async (displayName: string) => {
    const once = await resident.signOnce((challenge, communityId) =>
      deletionTexts.ask(communityId, challenge),
    );
    return { displayName, ...once };
  };
  const wrong = await signed("别人的名字");
  expect(await resident.client.refused(ownDeletionEndpoints.ask, { body: wrong })).toMatchObject({
    code: "invalid-request",
  });
  const { displayName } = await operate.call(personEndpoints.get, { params: { id: resident.personId } });
  // A session that was left open, or taken, deletes nobody: their own key signs, for this, and once.
  const forged = await signed(displayName);
  const pin = resident.sign(wayTexts.drawPin(community.id, forged.challenge));
  for (const body of [
    { ...forged, signature: "00".repeat(64) },
    { ...forged, signature: pin },
    { ...forged, challenge: "11".repeat(32) },
  ]) {
    expect(await resident.client.refused(ownDeletionEndpoints.ask, { body })).toMatchObject({
      code: "key-refused",
    });
  }
  const body = await signed(displayName);
  const { code, link } = await resident.client.call(ownDeletionEndpoints.ask, { body });
  expect(link).toContain(`/resident/#/deletion/${code}`);
  // The account is gone, and nobody needs one to see how far it is.
  expect(await resident.client.refused(ownRightsEndpoints.list)).toMatchObject({ code: "not-signed-in" });
  const progress = (body = { code }) => server.visitor().call(deletionEndpoints.progress, { body });
  const states = async () => (await progress()).deletion.gates.map(({ name, state }) => `${name} ${state}`);
  expect(await states()).toEqual(["北门控制器 awaiting", "地库控制器 awaiting"]);

  // A receipt about other credentials is none.
  await answer(online, { listHash: new Uint8Array(32) });
  expect(await states()).toContain("北门控制器 awaiting");
  await answer(online);
  await eventually("the receipt", async () => (await states()).includes("北门控制器 answered") || undefined);
  const { deletion, receipt } = await progress();
  expect(deletion).toMatchObject({ ground: "asked" });
  expect(deletion).not.toHaveProperty("closedAt");
  const open = await verdict(receipt);
  expect(open).toMatchObject({ verified: true, receipt: { isClosed: false } });

  // The other one was away, and hears of it at its first contact.
  await offline.connect(server);
  await offline.sayHello();
  await answer(offline);
  await eventually("the end", async () => (await progress()).deletion.closedAt);
  const closed = await progress();
  expect(await verdict(closed.receipt)).toMatchObject({ verified: true, receipt: { isClosed: true } });
  // Nothing that gates were asked about is kept then.
  const { rows } = await server.pool.query("select credential_keys from deletion where id = $1", [
    deletion.id,
  ]);
  expect(rows).toEqual([{ credential_keys: [] }]);
  expect(await verdict(closed.receipt.replace('"isClosed":true', '"isClosed":false'))).toMatchObject({
    fault: "bad-signature",
  });
  expect(closed.receipt).not.toContain(displayName);
  expect(closed.receipt).not.toContain(resident.personId);

  // The desk sees it too, and makes a slip; the code before ends. Nobody guesses one.
  const slip = await operate.call(deletionEndpoints.slip, { params: { id: deletion.id } });
  expect((await progress({ code: slip.code })).deletion.id).toBe(deletion.id);
  expect(await server.visitor().refused(deletionEndpoints.progress, { body: { code } })).toMatchObject({
    code: "code-invalid",
  });
  await online.disconnect();
  await offline.disconnect();
});

test("X2: a gate that is revoked before it answered is not waited for, and that is said", async () => {
  const gate = await secure.call(gateEndpoints.create, { body: { name: "被盗的控制器", doorGroup: 1 } });
  await enrolled(gate.id);
  const personId = await moveIn("搬走的人");
  await operate.call(personEndpoints.remove, {
    params: { id: personId },
    reason: { code: "resident-request" },
  });
  const { deletionId } = await operate.call(personEndpoints.erase, {
    params: { id: personId },
    reason: { code: "resident-request" },
  });
  await server.gateLink.revoke(GateId(gate.id));
  server.clock.advance(Duration.hours(1));
  await server.tidy();
  const { deletion } = await (await server.founder()).call(deletionEndpoints.get, {
    params: { id: deletionId },
  });
  expect(deletion.gates.find(({ gateId }) => gateId === gate.id)).toMatchObject({ state: "released" });
});
