import * as crypto from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import { formatVerifierKey, noteKey } from "@menshen/evidence";
import { evidenceEndpoints, namingEndpoints, type WitnessCreate, witnessEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { makeTestClock } from "../../testing/test-clock.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { startTestWitness, type TestWitness } from "../../testing/test-witness.ts";

const witnessClock = makeTestClock();
const nowSeconds = () => witnessClock.now() / 1_000;
const city = await startTestWitness("city", nowSeconds);
const resident = await startTestWitness("resident", nowSeconds);
const server = await startTestServer();
const secure = await server.founder("secure");
const { evidenceLog: log, logRunner: runner } = server;
const reason = { code: "security" } as const;

const bodyOf = ({ address: { body, url, key } }: TestWitness): WitnessCreate => ({
  body: body === "city" ? "city" : "resident",
  url,
  key: formatVerifierKey(key),
});
const described = () => server.visitor().call(evidenceEndpoints.log);
const settings = async () => (await secure.call(witnessEndpoints.list)).settings;

async function said() {
  await runner.settle();
  const query = { topic: "settings-changed" } as const;
  const { items } = await server.visitor().call(evidenceEndpoints.statements, { query });
  return items.map(({ statement }) => JSON.parse(statement));
}

test("a witness is registered once it has cosigned with the key that is given", async () => {
  await runner.settle();
  const body = bodyOf(city);
  // It does not watch this log yet.
  const refused = await secure.refused(witnessEndpoints.add, { body, reason });
  expect(refused).toMatchObject({ code: "conflict" });
  expect(refused.detail).toContain(log.verifierKey);
  city.watch(log.verifierKey);
  resident.watch(log.verifierKey);
  const other = { ...body, key: bodyOf(resident).key };
  expect((await secure.refused(witnessEndpoints.add, { body: other, reason })).detail).toContain(
    "another key",
  );
  const view = await secure.call(witnessEndpoints.add, { body, reason });
  expect(view).toMatchObject({ body: "city", name: "city.example/witness", extra: false });
  expect(await secure.refused(witnessEndpoints.add, { body, reason })).toMatchObject({ code: "conflict" });
  expect(await described()).toMatchObject({ quorum: 0, witnesses: [{ body: "city", key: body.key }] });
  // Without a restart: it cosigns what is published from now on.
  await runner.settle();
  expect((await secure.call(witnessEndpoints.list)).items).toMatchObject([
    { cosignedAt: witnessClock.now() },
  ]);
  expect(await said()).toMatchObject([
    { setting: "witness-added", name: "city.example/witness", body: "city", key: body.key },
  ]);
});

test("the quorum is never above the bodies that have a witness that counts", async () => {
  const before = await settings();
  const two = { ...before, quorum: 2 };
  expect(await secure.refused(witnessEndpoints.settings, { body: two, reason })).toMatchObject({
    code: "conflict",
  });
  const one = await secure.call(witnessEndpoints.settings, { body: { ...before, quorum: 1 }, reason });
  expect(one).toMatchObject({ quorum: 1, residentsCount: false });
  expect(await secure.refused(witnessEndpoints.settings, { body: before, reason })).toMatchObject({
    code: "stale-revision",
  });
  expect(await described()).toMatchObject({ quorum: 1 });
  // A resident's witness is extra …
  await secure.call(witnessEndpoints.add, { body: bodyOf(resident), reason });
  const { witnesses } = await described();
  expect(witnesses.map(({ body, extra }) => [body, extra])).toEqual([
    ["city", undefined],
    ["resident", true],
  ]);
  expect(
    await secure.refused(witnessEndpoints.settings, { body: { ...one, quorum: 2 }, reason }),
  ).toMatchObject({ code: "conflict" });
  // … unless the community says otherwise.
  const both = { ...one, quorum: 2, residentsCount: true };
  const counted = await secure.call(witnessEndpoints.settings, { body: both, reason });
  expect(await described()).toMatchObject({ quorum: 2, witnesses: [{ body: "city" }, { body: "resident" }] });
  expect((await described()).witnesses[1]?.extra).toBeUndefined();
  await secure.call(witnessEndpoints.settings, {
    body: { ...counted, quorum: 1, residentsCount: false },
    reason,
  });
  expect(await said()).toContainEqual(
    expect.objectContaining({
      setting: "witness-quorum",
      before: { quorum: 2, residentsCount: true },
      after: { quorum: 1, residentsCount: false },
    }),
  );
});

test("what is shown needs the new quorum at once", async () => {
  const { size } = await described();
  city.silence();
  await secure.call(witnessEndpoints.settings, { body: await settings(), reason });
  await runner.settle();
  // The resident's signature alone shows nothing new.
  expect((await described()).size).toBe(size);
  expect((await secure.call(witnessEndpoints.list)).items).toMatchObject([
    { body: "city", trouble: "witness-silent" },
    { body: "resident", extra: true },
  ]);
  city.watch(log.verifierKey);
  await runner.settle();
  expect((await described()).size).toBeGreaterThan(size);
});

test("a decision to name is proven anew when more witnesses are asked for, and counts from its first proof", async () => {
  const { naming, clock } = server;
  const stored = async () => {
    const { rows } = await server.pool.query("select checkpoint, tree_size, proven_at from naming_evidence");
    return rows;
  };
  resident.silence();
  await secure.call(namingEndpoints.nameStaff, { body: { days: 3, notice: "三天" }, reason });
  await runner.settle();
  await naming.review();
  const [first] = await stored();
  expect(first?.checkpoint).toContain("city.example");
  expect(first?.checkpoint).not.toContain("resident.example");
  clock.advance(Duration.ms(60_000));
  const before = await settings();
  const both = { ...before, quorum: 2, residentsCount: true };
  const counted = await secure.call(witnessEndpoints.settings, { body: both, reason });
  await runner.settle();
  await naming.review();
  // The resident's witness has signed nothing of it yet: another such proof would be no better.
  expect(await stored()).toEqual([first]);
  resident.watch(log.verifierKey);
  await runner.settle();
  await naming.review();
  const [renewed] = await stored();
  expect(renewed?.checkpoint).toContain("resident.example");
  expect(Number(renewed?.tree_size)).toBeGreaterThan(Number(first?.tree_size));
  expect(renewed?.proven_at).toEqual(first?.proven_at);
  await runner.settle();
  await naming.review();
  expect(await stored()).toEqual([renewed]);
  await secure.call(witnessEndpoints.settings, {
    body: { ...counted, quorum: 1, residentsCount: false },
    reason,
  });
});

test("gates are told of other witnesses", async () => {
  const { gateId } = await buildSite(server);
  await server.pool.query("insert into gate_device (gate_id) values ($1) on conflict do nothing", [gateId]);
  const wanted = async () =>
    Number((await server.pool.query("select wanted from gate_device")).rows[0]?.wanted);
  const before = await wanted();
  const [, extra] = (await secure.call(witnessEndpoints.list)).items;
  if (extra === undefined) throw new Error("expected two witnesses");
  await secure.call(witnessEndpoints.remove, { params: { id: extra.id }, reason });
  expect((await described()).witnesses).toHaveLength(1);
  await expect.poll(wanted).toBeGreaterThan(before);
});

test("a witness goes when the quorum can do without it", async () => {
  const list = await secure.call(witnessEndpoints.list);
  const [witness] = list.items;
  if (witness === undefined) throw new Error("expected a witness");
  const params = { id: witness.id };
  expect(await secure.refused(witnessEndpoints.remove, { params, reason })).toMatchObject({
    code: "conflict",
  });
  await secure.call(witnessEndpoints.settings, { body: { ...list.settings, quorum: 0 }, reason });
  await secure.call(witnessEndpoints.remove, { params, reason });
  expect(await secure.refused(witnessEndpoints.remove, { params, reason })).toMatchObject({
    code: "not-found",
  });
  expect((await described()).witnesses).toEqual([]);
  expect(await said()).toContainEqual(expect.objectContaining({ setting: "witness-removed", body: "city" }));
});

test("a key that cosigns nothing, a way that is open to eavesdroppers, and no reason are refused", async () => {
  const body = bodyOf(city);
  const refused = (change: Partial<WitnessCreate>, why: { code: "security" | "routine" } = reason) =>
    secure.refused(witnessEndpoints.add, { body: { ...body, ...change }, reason: why });
  const key = noteKey(crypto.sha256, {
    name: "x",
    type: "ed25519",
    publicKey: crypto.ed25519FromSecret(crypto.randomBytes(32)).publicKey,
  });
  expect(await refused({ key: log.verifierKey })).toMatchObject({ code: "invalid-request" });
  expect(await refused({ key: formatVerifierKey(key) })).toMatchObject({ code: "invalid-request" });
  expect(await refused({ key: "nonsense" })).toMatchObject({ code: "invalid-request" });
  expect(await refused({ url: "http://192.0.2.1/w" })).toMatchObject({ code: "invalid-request" });
  expect(await refused({ url: "file:///etc/passwd" })).toMatchObject({ code: "invalid-request" });
  expect(await refused({}, { code: "routine" })).toMatchObject({ code: "reason-required" });
  city.silence();
  expect((await refused({})).detail).toContain("did not answer");
});

test("only the duty of security manages witnesses", async () => {
  const operate = await server.founder("operate");
  const audit = await server.founder("audit");
  for (const client of [operate, audit]) {
    expect(await client.refused(witnessEndpoints.list)).toMatchObject({ code: "wrong-duty" });
    expect(await client.refused(witnessEndpoints.add, { body: bodyOf(city), reason })).toMatchObject({
      code: "wrong-duty",
    });
  }
  expect(await server.visitor().refused(witnessEndpoints.list)).toMatchObject({ code: "not-signed-in" });
});
