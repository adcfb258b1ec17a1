import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialKeyOf } from "@menshen/credentials";
import { fromHex, hpkeOpen, primitives, randomBytes, toHex } from "@menshen/crypto/node";
import { deskKeyId } from "@menshen/custody";
import { Duration, Instant } from "@menshen/domain";
import {
  credentialEndpoints,
  encodeEntryList,
  eventEndpoints,
  evidenceEndpoints,
  externalAad,
  keyring,
  type NamingMotion,
  namingEndpoints,
  overviewEndpoints,
  personEndpoints,
  ruleEndpoints,
  type StaffRole,
  sealedKeyring,
  type TrailMessage,
  trailMessage,
} from "@menshen/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { openDeskDayKeys } from "../../keys/desk-day-keys.ts";
import { connectGate, type JournalGate } from "../../testing/test-journal.ts";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite, CARD_UID, type TestSite } from "../../testing/test-site.ts";
import { selectLooksAt } from "../../view-record/index.ts";
import { selectDeskKeys } from "./desk-keys.store.ts";
import { makeDeskSecrets } from "./desk-secrets.ts";

const DAY_MS = 86_400_000;
const reason = { code: "security" } as const;
const incident = { code: "incident" } as const;
const STAFF_CARD = { kind: "ntag424", identifier: "04b1b2b3b4b5b6" } as const;
const RESIDENT_CARD = { kind: "desfire", identifier: CARD_UID } as const;
const NAMES = ["赵师傅", "李奶奶"];

const server = await startTestServer();
const { clock, naming } = server;
let site: TestSite;
let journal: JournalGate;
let workerId: string;
let tenantId: string;

const clients = new Map<StaffRole, { readonly client: Promise<TestClient>; readonly since: number }>();

/** Signed in anew when hours went by: sessions end. */
function as(role: StaffRole): Promise<TestClient> {
  const known = clients.get(role);
  if (known !== undefined && clock.now() - known.since < 3_600_000) return known.client;
  // Two more sign-ins than the limit has left.
  clock.advance(Duration.seconds(12));
  const client = server.member(role);
  clients.set(role, { client, since: clock.now() });
  return client;
}
const keyOf = ({ kind, identifier }: typeof STAFF_CARD | typeof RESIDENT_CARD) =>
  toHex(credentialKeyOf(primitives, kind, fromHex(identifier)));

/** Puts what waits into the log, publishes it, and lets keys be made. */
async function publish(): Promise<void> {
  await server.logRunner.settle();
  await naming.review();
}

async function pass(ms: number): Promise<void> {
  clock.advance(Duration.ms(ms));
  await publish();
}

/** What the gate holds after everything was sent. */
async function trail(): Promise<TrailMessage> {
  await server.gateLink.pushDesired();
  await journal.gate.sayHello();
  const received = journal.gate.received.filter(({ kind }) => kind === "trail").at(-1);
  if (received === undefined) throw new Error("the gate got no trail document");
  return trailMessage.decode(journal.gate.open(received));
}

async function namedInKeyring(): Promise<readonly string[]> {
  await server.gateLink.pushDesired();
  await journal.gate.sayHello();
  const received = journal.gate.received.filter(({ kind }) => kind === "keyring").at(-1);
  if (received === undefined) throw new Error("the gate got no keyring");
  const sealed = sealedKeyring.decode(journal.gate.open(received));
  const plaintext = await hpkeOpen({
    key: journal.gate.sealingKey,
    enc: sealed.encapsulatedKey,
    ciphertext: sealed.ciphertext,
    info: externalAad("keyring"),
  });
  return (keyring.decode(plaintext ?? new Uint8Array()).named ?? []).map(toHex);
}

async function deskKey(scope: "staff" | "everyone"): Promise<Uint8Array> {
  const named = (await trail()).naming?.find((one) => one.scope === scope);
  const now = clock.now();
  const key = named?.deskKeys.find(({ from, until }) => from <= now && now < until);
  if (key === undefined) throw new Error(`no desk key for ${scope}`);
  return key.key;
}

/** Writes a passage as a gate does; answers what names it. */
async function passage(
  card: typeof STAFF_CARD | typeof RESIDENT_CARD,
  deskKeyBytes?: Uint8Array,
): Promise<{ readonly gateId: string; readonly sequence: number }> {
  const sequence = await journal.access({
    at: clock.now(),
    accessPointId: site.points.northIn,
    granted: true,
    reasons: [{ code: "rule-allows" }],
    card,
    ...(deskKeyBytes === undefined ? {} : { deskKey: deskKeyBytes }),
  });
  return { gateId: site.gateId, sequence };
}

async function namesOf(...entries: readonly { readonly gateId: string; readonly sequence: number }[]) {
  const guard = await as("guard");
  const query = { entries: encodeEntryList(entries) };
  const { items } = await guard.call(namingEndpoints.names, { query, viewReason: incident });
  return items.map(({ sequence, name }) => [sequence, name]);
}

const secretsIn = (folder: string) =>
  makeDeskSecrets({ storageKey: server.storageKey, dayKeys: openDeskDayKeys(folder) });

const keyCount = async () =>
  Number((await server.pool.query("select count(*) from keys.desk_key")).rows[0]?.count);

beforeAll(async () => {
  site = await buildSite(server);
  const { operate, groundsAreaId, outsideAreaId, dwellingIds } = site;
  await operate.call(ruleEndpoints.create, {
    body: {
      name: "员工",
      who: { roles: ["staff"] },
      where: { areaIds: [outsideAreaId, groundsAreaId] },
      minimumGrade: "D",
      validity: {},
    },
  });
  const worker = await operate.call(personEndpoints.create, {
    body: { displayName: "赵师傅", residency: { role: "staff" } },
  });
  workerId = worker.id;
  await operate.call(credentialEndpoints.enrol, { body: { ...STAFF_CARD, personId: workerId } });
  const tenant = await operate.call(personEndpoints.create, {
    body: { displayName: "孙女士", residency: { role: "tenant", dwellingId: dwellingIds[1] } },
  });
  tenantId = tenant.id;
  journal = await connectGate(server, site);
});

test("by default nobody is named: no key is made, and gates are told of none", async () => {
  await publish();
  expect((await trail()).naming).toBeUndefined();
  expect(await namedInKeyring()).toEqual([]);
  expect(await keyCount()).toBe(0);
  const entry = await passage(RESIDENT_CARD);
  expect(await namesOf(entry)).toEqual([]);
});

describe("staff", () => {
  const notice = "进出门岗的时间与姓名保存三天，值班室因公可查。";

  test("are named by a decision of the security duty only, with a reason, and from now on", async () => {
    const manager = await as("manager");
    const security = await as("security");
    const body = { days: 3, notice };
    const { nameStaff } = namingEndpoints;
    expect(await manager.refused(nameStaff, { body, reason })).toMatchObject({ code: "wrong-duty" });
    expect(await security.refused(nameStaff, { body })).toMatchObject({ code: "reason-required" });
    const past = { ...body, from: clock.now() - 1 };
    expect(await security.refused(nameStaff, { body: past, reason })).toMatchObject({ code: "conflict" });
    expect(await security.refused(nameStaff, { body: { ...body, days: 8 }, reason })).toMatchObject({
      code: "invalid-request",
    });
    const decision = await security.call(nameStaff, { body, reason });
    expect(decision).toMatchObject({ scope: "staff", days: 3, notice, from: clock.now() });
    expect(await security.refused(nameStaff, { body, reason })).toMatchObject({ code: "conflict" });
    await publish();
    const { items } = await server
      .visitor()
      .call(evidenceEndpoints.statements, { query: { topic: "naming-decided" } });
    expect(items.map(({ statement }) => JSON.parse(statement))).toMatchObject([
      { decisionId: decision.id, scope: "staff", days: 3, notice },
    ]);
    expect((await security.call(namingEndpoints.list)).items).toMatchObject([{ state: "in-force" }]);
    // Today's and tomorrow's, each until the community's midnight.
    const [named] = (await trail()).naming ?? [];
    expect(named?.deskKeys.map(({ from, until }) => [from, until])).toEqual([
      [clock.now(), Date.parse("2026-11-24T00:00:00+08:00")],
      [Date.parse("2026-11-24T00:00:00+08:00"), Date.parse("2026-11-25T00:00:00+08:00")],
    ]);
  });

  test("who were not told are not named, nor is anybody who lives here", async () => {
    expect(await namedInKeyring()).toEqual([]);
    const desk = await as("desk");
    const told = { on: "2026-11-20", how: "in-writing" } as const;
    const tell = (id: string) => ({ params: { id }, body: told });
    expect(await desk.refused(namingEndpoints.tell, tell(tenantId))).toMatchObject({ code: "not-found" });
    expect(await (await as("guard")).refused(namingEndpoints.tell, tell(workerId))).toMatchObject({
      code: "forbidden",
    });
    await desk.call(namingEndpoints.tell, tell(workerId));
    const { items } = await desk.call(namingEndpoints.staff, { viewReason: { code: "other", text: "告知" } });
    expect(items).toEqual([{ personId: workerId, name: "赵师傅", told }]);
    expect(await namedInKeyring()).toEqual([keyOf(STAFF_CARD)]);
    await desk.call(namingEndpoints.untell, { params: { id: workerId } });
    expect(await namedInKeyring()).toEqual([]);
    await desk.call(namingEndpoints.tell, tell(workerId));
    expect(await namedInKeyring()).toEqual([keyOf(STAFF_CARD)]);
  });

  test("are shown to the duty desk with a reason; each view is recorded and shown to the person", async () => {
    const entry = await passage(STAFF_CARD, await deskKey("staff"));
    const guard = await as("guard");
    const query = { entries: encodeEntryList([entry]) };
    const refused = await guard.refused(namingEndpoints.names, { query, viewReason: null });
    expect(refused).toMatchObject({ code: "view-reason-required" });
    for (const role of ["desk", "security", "auditor", "records"] as const) {
      const other = await as(role);
      const { code } = await other.refused(namingEndpoints.names, { query, viewReason: incident });
      expect([role, ["forbidden", "wrong-duty"].includes(code)]).toEqual([role, true]);
    }
    const looks = async () =>
      (await selectLooksAt(server.db, server.storageKey, workerId)).map(({ what }) => what);
    const before = (await looks()).length;
    expect(await namesOf(entry)).toEqual([[entry.sequence, "赵师傅"]]);
    // The same reason, a minute later: another look nevertheless.
    const once = await guard.call(namingEndpoints.names, { query, viewReason: incident });
    expect(once.items).toEqual([{ ...entry, personId: workerId, name: "赵师傅" }]);
    await guard.call(namingEndpoints.names, { query, viewReason: incident });
    const after = await selectLooksAt(server.db, server.storageKey, workerId);
    expect(after.length - before).toBe(3);
    expect(after[0]).toMatchObject({ what: "passage", role: "guard", body: "property", reason: incident });
    expect(JSON.parse(after[0]?.evidence.statement ?? "")).toMatchObject({
      topic: "personal-data-viewed",
      what: "passage",
      personId: workerId,
    });
  });

  test("are nowhere else: not in lists, single events, explanations or the overview", async () => {
    const entry = await passage(STAFF_CARD, await deskKey("staff"));
    const guard = await as("guard");
    const params = entry;
    const answers = [
      await guard.call(eventEndpoints.list),
      await guard.call(eventEndpoints.get, { params }),
      await guard.call(eventEndpoints.why, { params }),
      await guard.call(overviewEndpoints.get),
    ];
    for (const answer of answers)
      for (const name of NAMES) expect(JSON.stringify(answer)).not.toContain(name);
    expect(await guard.call(eventEndpoints.get, { params })).toMatchObject({ nameable: true });
    expect((await guard.call(eventEndpoints.why, { params })).event.nameable).toBeUndefined();
    const auditor = await as("auditor");
    expect((await auditor.call(eventEndpoints.get, { params })).nameable).toBeUndefined();
  });

  test("are not named by an entry of before the decision, of another entry, or of another gate's place", async () => {
    const [key] = (await trail()).naming?.[0]?.deskKeys ?? [];
    if (key === undefined) throw new Error("expected a desk key");
    const at = Instant(key.from - 1);
    const sequence = await journal.access({
      at,
      accessPointId: site.points.northIn,
      granted: true,
      reasons: [{ code: "rule-allows" }],
      card: STAFF_CARD,
      deskKey: key.key,
    });
    expect(await namesOf({ gateId: site.gateId, sequence })).toEqual([]);
    expect(await namesOf({ gateId: site.gateId, sequence: 4_711 })).toEqual([]);
  });

  test("are nameable for as many days as was decided, and then to nobody: the key is gone", async () => {
    const entry = await passage(STAFF_CARD, await deskKey("staff"));
    await server.pool.query("create table backup as table keys.desk_key");
    const kept = mkdtempSync(join(tmpdir(), "menshen-desk-days-kept-"));
    cpSync(server.deskDays, kept, { recursive: true });
    const oldest = async () =>
      Number((await server.pool.query("select min(until_at) as until from keys.desk_key")).rows[0]?.until);
    const dayEnds = await oldest();
    await pass(dayEnds + 3 * DAY_MS - 60_000 - clock.now());
    expect(await namesOf(entry)).toEqual([[entry.sequence, "赵师傅"]]);
    // That look is in the log: nothing is left that would make the server review its keys by itself.
    await publish();
    // Due, and the server has not done it yet.
    clock.advance(Duration.ms(60_000));
    expect(await oldest()).toBe(dayEnds);
    expect(await namesOf(entry)).toEqual([]);
    await publish();
    expect(await oldest()).toBeGreaterThan(dayEnds);
    const guard = await as("guard");
    expect((await guard.call(eventEndpoints.get, { params: entry })).nameable).toBeUndefined();

    // A backup of the database, played back by whoever has the storage key and says that nothing is due: nothing opens.
    await server.pool.query(
      `insert into keys.desk_key select id, decision_id, day, from_at, until_at, public_key, sealed,
       until_at + interval '168 hours' from backup on conflict do nothing`,
    );
    expect(await oldest()).toBe(dayEnds);
    expect(await namesOf(entry)).toEqual([]);
    const backup = (await selectDeskKeys(server.db, clock.now())).filter(
      ({ untilAt }) => untilAt === dayEnds,
    );
    expect(backup).toHaveLength(1);
    const opened = (folder: string) => backup.map((key) => secretsIn(folder).open(key)?.length);
    expect(opened(server.deskDays)).toEqual([undefined]);
    // What remains: a copy of the folder of files, which backups are told to leave out.
    expect(readFileSync(join(kept, "CACHEDIR.TAG"), "utf8")).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    );
    expect(opened(kept)).toEqual([32]);
    rmSync(kept, { recursive: true });
    await naming.review();
    expect(await oldest()).toBeGreaterThan(dayEnds);
  });

  test("keep a file for each key and no other, whatever a crash left half done", async () => {
    const keys = () => selectDeskKeys(server.db, clock.now());
    const files = () => readdirSync(server.deskDays).filter((name) => name !== "CACHEDIR.TAG");
    const pairs = async () => (await keys()).map(({ id }) => `${toHex(id)}.key`).sort();
    const whole = await pairs();
    expect(whole.length).toBeGreaterThanOrEqual(2);
    expect(files().sort()).toEqual(whole);
    for (const name of files()) expect(statSync(join(server.deskDays, name)).mode & 0o777).toBe(0o600);
    expect(statSync(server.deskDays).mode & 0o777).toBe(0o700);
    // Stopped after a file was made and before its row, in the middle of a file, or after a withdrawal.
    for (const name of ["0102030405060708.key", "0102030405060709.key.new"]) {
      writeFileSync(join(server.deskDays, name), randomBytes(32));
    }
    await naming.tidy();
    expect([files().sort(), await pairs()]).toEqual([whole, whole]);
    // Stopped after a file was destroyed and before its row; or the file was lost. Another key is made for the day.
    const today = await deskKey("staff");
    const entry = await passage(STAFF_CARD, today);
    const id = deskKeyId(today);
    openDeskDayKeys(server.deskDays).destroy(id);
    expect(await namesOf(entry)).toEqual([]);
    await naming.tidy();
    expect(await pairs()).toEqual(whole.filter((name) => name !== `${toHex(id)}.key`));
    await publish();
    expect(files().sort()).toEqual(await pairs());
    expect(await keys()).toHaveLength(whole.length);
    const next = await deskKey("staff");
    expect(toHex(next)).not.toBe(toHex(today));
    const later = await passage(STAFF_CARD, next);
    expect(await namesOf(entry, later)).toEqual([[later.sequence, "赵师傅"]]);
  });

  test("are sealed again with a file where an earlier version stored them under the storage key alone", async () => {
    const entry = await passage(STAFF_CARD, await deskKey("staff"));
    const keys = () => selectDeskKeys(server.db, clock.now());
    const before = await keys();
    for (const key of before) {
      const secretKey = secretsIn(server.deskDays).open(key) ?? new Uint8Array();
      const sealed = server.storageKey.seal(secretKey, `desk-key:${toHex(key.id)}`);
      expect([secretKey.length, sealed.length]).toEqual([32, 60]);
      await server.pool.query("update keys.desk_key set sealed = $2 where id = $1", [key.id, sealed]);
      openDeskDayKeys(server.deskDays).destroy(key.id);
    }
    // A start does it; one that was cut short after the file does it again.
    openDeskDayKeys(server.deskDays).make(before[0]?.id ?? new Uint8Array());
    await naming.tidy();
    const after = await keys();
    expect(after.map(({ id }) => toHex(id))).toEqual(before.map(({ id }) => toHex(id)));
    expect(after.map(({ sealed }) => sealed.length)).toEqual(before.map(() => 88));
    await naming.tidy();
    expect(await keys()).toEqual(after);
    expect(await namesOf(entry)).toEqual([[entry.sequence, "赵师傅"]]);
  });

  test("are not named from the moment the decision is withdrawn, also for what has been", async () => {
    const entry = await passage(STAFF_CARD, await deskKey("staff"));
    expect(await namesOf(entry)).toHaveLength(1);
    const manager = await as("manager");
    const [decision] = (await manager.call(namingEndpoints.list)).items;
    const params = { id: decision?.id ?? "" };
    expect(await (await as("guard")).refused(namingEndpoints.withdraw, { params, reason })).toMatchObject({
      code: "forbidden",
    });
    await manager.call(namingEndpoints.withdraw, { params, reason });
    expect(await keyCount()).toBe(0);
    await naming.review();
    expect(readdirSync(server.deskDays)).toEqual(["CACHEDIR.TAG"]);
    expect(await namesOf(entry)).toEqual([]);
    expect((await trail()).naming).toBeUndefined();
    expect(await namedInKeyring()).toEqual([]);
    expect(await manager.refused(namingEndpoints.withdraw, { params, reason })).toMatchObject({
      code: "conflict",
    });
    await publish();
    const query = { topic: "naming-withdrawn" } as const;
    expect((await server.visitor().call(evidenceEndpoints.statements, { query })).items).toHaveLength(1);
  });
});

describe("everyone", () => {
  const measure = { total: 300, voted: 200, inFavour: 101 };
  const motion = (changes: Partial<NamingMotion> = {}): NamingMotion => ({
    title: "为期一个月向值班室显示通行人",
    documentNumber: "业主大会决议〔2026〕3号",
    minutesSha256: "ab".repeat(32),
    votedOn: "2026-11-22",
    vote: { heads: measure, areaDm2: { total: 3_000_001, voted: 2_000_001, inFavour: 1_000_001 } },
    days: 7,
    from: clock.now() + 10 * DAY_MS,
    until: clock.now() + 40 * DAY_MS,
    ...changes,
  });

  test.each<[string, () => Partial<NamingMotion>, string]>([
    [
      "with too few heads",
      () => ({ vote: { heads: { ...measure, voted: 199 }, areaDm2: measure } }),
      "did not pass",
    ],
    [
      "with half of the area",
      () => ({ vote: { heads: measure, areaDm2: { ...measure, inFavour: 100 } } }),
      "did not pass",
    ],
    [
      "with more in favour than voted",
      () => ({ vote: { heads: { total: 9, voted: 8, inFavour: 9 }, areaDm2: measure } }),
      "did not pass",
    ],
    ["that begins within seven days", () => ({ from: clock.now() + 7 * DAY_MS - 1 }), "seven days"],
    ["that ended before it begins", () => ({ until: clock.now() + 10 * DAY_MS }), "after its start"],
    ["of more than a year", () => ({ until: clock.now() + 376 * DAY_MS + 1 }), "a year"],
  ])("by a motion %s is refused", async (_what, changes, detail) => {
    const security = await as("security");
    const problem = await security.refused(namingEndpoints.recordMotion, { body: motion(changes()), reason });
    expect(problem.code).toBe("conflict");
    expect(problem.detail).toContain(detail);
  });

  test("needs two: who records a motion cannot confirm it", async () => {
    const founder = await server.founder("secure");
    const { id } = await founder.call(namingEndpoints.recordMotion, { body: motion(), reason });
    const security = await as("security");
    const params = { id };
    expect(await security.refused(namingEndpoints.confirm, { params, reason })).toMatchObject({
      code: "wrong-duty",
    });
    // Without a confirmation it is no decision: nothing in the log, no key.
    await publish();
    expect(await keyCount()).toBe(0);
    await security.call(namingEndpoints.withdraw, { params, reason });
    const auditor = await as("auditor");
    expect(await auditor.refused(namingEndpoints.confirm, { params, reason })).toMatchObject({
      code: "conflict",
    });
    await expect(
      server.pool.query("update naming_decision set confirmed_by = recorded_by where id = $1", [id]),
    ).rejects.toThrow("naming_decision");
  });

  test("a motion that is confirmed too late to be announced for seven days is refused", async () => {
    const security = await as("security");
    const body = motion({ from: clock.now() + 7 * DAY_MS });
    const { id } = await security.call(namingEndpoints.recordMotion, { body, reason });
    clock.advance(Duration.ms(1_000));
    const auditor = await as("auditor");
    expect(await auditor.refused(namingEndpoints.confirm, { params: { id }, reason })).toMatchObject({
      code: "conflict",
    });
    await auditor.call(namingEndpoints.withdraw, { params: { id }, reason });
  });

  test("is named from the announced day on, for the days decided, and not a day after the end", async () => {
    const security = await as("security");
    const auditor = await as("auditor");
    const body = motion({ from: clock.now() + 7 * DAY_MS, until: clock.now() + 9 * DAY_MS, days: 1 });
    const { id } = await security.call(namingEndpoints.recordMotion, { body, reason });
    expect(await security.refused(namingEndpoints.recordMotion, { body, reason })).toMatchObject({
      code: "conflict",
    });
    expect(await naming.decisions.notices()).toEqual([]);
    await auditor.call(namingEndpoints.confirm, { params: { id }, reason });
    await publish();
    // Residents read of it before it begins.
    const { title, documentNumber, from, until, days } = body;
    const said = { title, documentNumber, from, until, days };
    expect(await naming.decisions.notices()).toEqual([{ ...said, inForce: false }]);
    expect(await security.refused(namingEndpoints.notices)).toMatchObject({ code: "not-signed-in" });
    const state = async () => (await (await as("auditor")).call(namingEndpoints.list)).items[0]?.state;
    expect(await state()).toBe("announced");
    expect(await keyCount()).toBe(0);
    const before = await passage(RESIDENT_CARD);
    await pass(7 * DAY_MS);
    expect(await state()).toBe("in-force");
    expect(await naming.decisions.notices()).toEqual([{ ...said, inForce: true }]);
    const key = await deskKey("everyone");
    const during = await passage(RESIDENT_CARD, key);
    expect(await namesOf(before, during)).toEqual([[during.sequence, "李奶奶"]]);
    await pass(2 * DAY_MS);
    expect(await state()).toBe("ended");
    await expect(deskKey("everyone")).rejects.toThrow("no desk key");
    expect(await naming.decisions.notices()).toEqual([]);
    await pass(2 * DAY_MS);
    expect(await keyCount()).toBe(0);
    expect(await namesOf(before, during)).toEqual([]);
  });

  test("is told a week late if the log was published late: nobody is named meanwhile", async () => {
    const security = await as("security");
    const auditor = await as("auditor");
    const body = motion({ from: clock.now() + 7 * DAY_MS });
    const { id } = await security.call(namingEndpoints.recordMotion, { body, reason });
    await auditor.call(namingEndpoints.confirm, { params: { id }, reason });
    await publish();
    const list = async () => (await (await as("auditor")).call(namingEndpoints.list)).items;
    expect(await list()).toMatchObject([{ id, from: body.from }, {}, {}, {}, {}]);
    // As if the witnesses had signed two days later.
    await server.pool.query("update naming_evidence set proven_at = proven_at + interval '2 days'");
    const [decision] = await list();
    expect(decision?.from).toBeGreaterThanOrEqual(body.from + 2 * DAY_MS);
    clock.advance(Duration.ms(7 * DAY_MS));
    await publish();
    await expect(deskKey("everyone")).rejects.toThrow("no desk key");
  });
});
