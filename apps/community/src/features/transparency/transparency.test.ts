import { credentialKeyOf } from "@menshen/credentials";
import { ed25519Verify, fromHex, primitives, sha256, toHex } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import {
  credentialTag,
  openCheckpoint,
  type ProvenCredential,
  parseEntryBundle,
  parseLeaf,
  parseVerifierKey,
  provenCredentials,
  watchHome,
} from "@menshen/evidence";
import {
  accessPointEndpoints,
  areaEndpoints,
  credentialEndpoints,
  evidenceEndpoints,
  personEndpoints,
  ruleEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { makeLeafRecorder } from "../../evidence-record/index.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID } from "../../testing/test-site.ts";
import { makeModelCache } from "../publishing/index.ts";
import { catchUp, makeCredentialRegister, makeProofsService } from "./index.ts";
import { homeKeyContext } from "./register.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const { db, clock, storageKey, evidenceLog: log } = server;
const leaves = makeLeafRecorder({ storageKey });
const register = makeCredentialRegister({ leaves, storageKey });
const proofs = makeProofsService({ db, clock, storageKey, leaves, log, cache: makeModelCache(db), register });
const LOST = { code: "lost-or-stolen" } as const;

const keyOf = (kind: "desfire" | "uid", uid: string) => credentialKeyOf(primitives, kind, fromHex(uid));
/** A mere number has an end. */
const until = server.clock.now() + 30 * 86_400_000;
const grandma = keyOf("desfire", CARD_UID);

/** What the server proves of these credentials, checked as a gate checks it. */
async function proven(keys: readonly Uint8Array[], floor = 0): Promise<readonly ProvenCredential[]> {
  const wanted = keys.map((credentialKey) => ({ credentialKey, floor }));
  const answers = await proofs.prove(wanted);
  const logKey = parseVerifierKey(sha256, log.verifierKey);
  if (!logKey.parsed) throw new Error("no key");
  return answers.flatMap((answer) => {
    const opened = openCheckpoint({ sha256, ed25519Verify }, Buffer.from(answer.checkpoint), {
      origin: logKey.key.name,
      logKeys: [logKey.key],
      witnessKeys: [],
    });
    if (!opened.opened) throw new Error(opened.refusal);
    return provenCredentials(primitives, opened.signed.checkpoint, answer) ?? [];
  });
}

/** Asks until nothing more is registered on the way. */
async function settled(keys: readonly Uint8Array[], floor = 0): Promise<readonly ProvenCredential[]> {
  await proven(keys, floor);
  await server.logRunner.settle();
  return proven(keys, floor);
}

async function entries() {
  const size = (await log.published())?.signed.checkpoint.size ?? 0;
  const bundle = await log.readTile(size === 256 ? "tile/entries/000" : `tile/entries/000.p/${size}`);
  const read = parseEntryBundle(bundle ?? new Uint8Array());
  return (read ?? []).flatMap((entry) => {
    const parsed = parseLeaf(entry);
    return parsed.parsed ? [parsed.leaf] : [];
  });
}

async function homeKey(dwellingId: string): Promise<Uint8Array> {
  const { rows } = await server.pool.query(
    "select home_id, sealed from keys.home_key join home on id = home_id where dwelling_id = $1",
    [dwellingId],
  );
  return storageKey.open(rows[0].sealed, homeKeyContext(rows[0].home_id));
}

const isStaff = { role: "staff" } as const;

test("a card given to a resident is proven to lead through the doors of the home, and through no other", async () => {
  expect(await proven([grandma])).toEqual([]);
  const [card] = await settled([grandma]);
  const { northIn, northOut, houseIn, houseOut } = site.points;
  expect(card).toMatchObject({
    credentialKey: toHex(grandma),
    reach: {
      kind: "home",
      number: 0,
      accessPointIds: [northIn, northOut, houseIn, houseOut].toSorted(),
    },
  });
});

test("a door more is said in the log before the home's cards are proven for it", async () => {
  const registrations = async () =>
    (await entries()).filter(({ topic }) => topic === "dwelling-registered").length;
  await settled([grandma]);
  expect(await registrations()).toBe(1);
  const { secure, groundsAreaId } = site;
  const garden = await secure.call(areaEndpoints.create, { body: { name: "花园", staffOnly: false } });
  const gate = await secure.call(accessPointEndpoints.create, {
    body: {
      portalId: site.portals.north,
      name: "花园门进",
      fromAreaId: groundsAreaId,
      toAreaId: garden.id,
      minimumGrade: "D",
    },
  });
  await settled([grandma]);
  expect(await registrations()).toBe(1);
  await operate.call(ruleEndpoints.create, {
    body: {
      name: "花园",
      who: { roles: ["owner"] },
      where: { areaIds: [garden.id] },
      minimumGrade: "D",
      validity: {},
    },
  });
  const [card] = await settled([grandma]);
  expect(card?.reach).toMatchObject({ accessPointIds: expect.arrayContaining([gate.id]) });
  expect(await registrations()).toBe(2);
});

test("residents find each card of theirs in the log, and its end", async () => {
  const { credential } = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "uid", identifier: "0badcafe", personId: site.resident.personId, until },
  });
  await operate.call(credentialEndpoints.lost, { params: { id: credential.id }, reason: LOST });
  await operate.call(credentialEndpoints.unblock, { params: { id: credential.id }, reason: LOST });
  await server.logRunner.settle();
  const watch = watchHome(primitives, await homeKey(site.dwellingIds[0]));
  for (const [index, leaf] of (await entries()).entries()) watch.see(index, leaf);
  expect(
    watch.found().map(({ number, issuedAt, endedAt }) => [number, issuedAt.length, endedAt.length]),
  ).toEqual([
    [0, 1, 0],
    [1, 1, 1],
    [2, 1, 0],
  ]);
});

test("a credential that was away needs a new leaf, behind all that was there", async () => {
  const size = (await log.published())?.signed.checkpoint.size ?? 0;
  const [before] = await settled([grandma]);
  expect(before?.index).toBeLessThan(size);
  const [after] = await settled([grandma], size);
  expect(after?.index).toBeGreaterThanOrEqual(size);
  expect(after?.reach).toMatchObject({ number: 3 });
});

test("a card of staff is in the log once a second member of staff answers for it, and not before", async () => {
  const guard = await operate.call(personEndpoints.create, {
    body: { displayName: "保安小王", residency: isStaff },
  });
  const { credential } = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "uid", identifier: "c0ffee01", personId: guard.id, until },
  });
  expect(credential.log).toEqual({ state: "second-person" });
  const key = keyOf("uid", "c0ffee01");
  expect(await settled([key])).toEqual([]);
  const params = { id: credential.id };
  const { items } = await operate.call(credentialEndpoints.unconfirmed);
  expect(items).toMatchObject([{ credentialId: credential.id, personName: "保安小王", purpose: "staff" }]);
  expect(items[0]?.issuedBy).toBeDefined();
  expect(items[0]?.issuedByName).toBeDefined();
  expect(await operate.refused(credentialEndpoints.confirm, { params })).toMatchObject({ status: 409 });
  expect(await settled([key])).toEqual([]);
  const other = await server.member("manager");
  const confirmed = await other.call(credentialEndpoints.confirm, { params });
  expect(confirmed.log).toEqual({ state: "on-its-way" });
  expect(await settled([key])).toMatchObject([{ reach: { kind: "everywhere" } }]);
  const published = await operate.call(credentialEndpoints.get, { params });
  expect(published.log).toEqual({ state: "published", since: expect.any(Number) });
  expect((await operate.call(credentialEndpoints.unconfirmed)).items).toEqual([]);
  expect(await other.refused(credentialEndpoints.confirm, { params })).toMatchObject({ status: 409 });
  expect((await entries()).filter(({ topic }) => topic === "credential-of-staff")).toHaveLength(1);
});

test("a card that somebody writes into the database has no leaf; the next start gives it one, for its home to see", async () => {
  const key = Buffer.from("ab".repeat(16), "hex");
  await server.pool.query(
    `insert into credential (id, key, kind, grade, label, sealed_identifier, door_groups, person_id, state, enrolled_at,
       state_changed_at, model_version)
     select gen_random_uuid(), $1, kind, grade, label, sealed_identifier, door_groups, person_id, 'active', now(), now(),
       model_version from credential where id = $2`,
    [key, site.resident.credentialId],
  );
  expect(await settled([key])).toEqual([]);
  await catchUp({ db, clock, register });
  expect(await settled([key])).toMatchObject([{ reach: { kind: "home", number: 4 } }]);
  const leaf = (await entries()).at(-1);
  expect(leaf?.tag).toEqual(credentialTag(primitives, await homeKey(site.dwellingIds[0]), 4));
  const count = (await entries()).length;
  await catchUp({ db, clock, register });
  await server.logRunner.settle();
  expect(await entries()).toHaveLength(count);
});

test("who moves out has no card in the log any more; a home that stands empty is ended, and its key gone", async () => {
  const key = await homeKey(site.dwellingIds[0]);
  await operate.call(personEndpoints.remove, {
    params: { id: site.resident.personId },
    reason: { code: "resident-request" },
  });
  await server.logRunner.settle();
  const watch = watchHome(primitives, key);
  for (const [index, leaf] of (await entries()).entries()) watch.see(index, leaf);
  expect(watch.found().filter(({ issuedAt, endedAt }) => issuedAt.length !== endedAt.length)).toEqual([]);
  expect((await entries()).filter(({ topic }) => topic === "dwelling-ended")).toHaveLength(1);
  const { rows } = await server.pool.query("select 1 from keys.home_key");
  expect(rows).toEqual([]);
  expect(await settled([grandma])).toEqual([]);
});

test("anybody hears how many credentials that no home sees open each building; a few are not told apart", async () => {
  const anybody = server.visitor();
  const hear = async () => {
    clock.advance(Duration.minutes(1));
    return (await anybody.call(evidenceEndpoints.pathCounts)).items;
  };
  const rule = await operate.call(ruleEndpoints.create, {
    body: {
      name: "楼内服务",
      who: { roles: ["staff"] },
      where: { accessPointIds: [site.points.houseIn] },
      minimumGrade: "E",
      validity: {},
    },
  });
  expect(rule.name).toBe("楼内服务");
  const before = await hear();
  expect(before.map(({ buildingName }) => buildingName)).toEqual([undefined, "1号楼"]);
  const guards = await Promise.all(
    ["甲", "乙", "丙", "丁"].map((name) =>
      operate.call(personEndpoints.create, { body: { displayName: name, residency: { role: "staff" } } }),
    ),
  );
  const second = await server.member("desk");
  const house = async () => (await hear()).find(({ buildingName }) => buildingName === "1号楼")?.staff;
  const give = async (place: number) => {
    const { credential } = await operate.call(credentialEndpoints.enrol, {
      body: { kind: "desfire", identifier: `04ff00000000f${place}`, personId: guards[place]?.id ?? "" },
    });
    await second.call(credentialEndpoints.confirm, { params: { id: credential.id } });
    await server.logRunner.settle();
  };
  // One of staff is there from above.
  for (const place of [0, 1, 2]) await give(place);
  expect(await house()).toBe("few");
  await give(3);
  expect(await house()).toBe(5);
  expect((await hear())[0]).toMatchObject({ emptyDwelling: 0 });
});
