import { fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import {
  encodeCustodianSet,
  endorse,
  makeCeremonyKey,
  objectToSeats,
  parseCustodianSet,
  signReceipt,
  signSeat,
} from "@menshen/custody";
import { Duration } from "@menshen/domain";
import { custodianEndpoints, custodyEndpoints, evidenceEndpoints, gateEndpoints } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { selectCustodians } from "../trail/custodians.store.ts";
import { attend, BODIES, codeOf, makeCustodian, must, type TestCustodian } from "./custody.fixture.ts";
import { makeKeyRing } from "./key-ring.ts";

const server = await startTestServer();
/** Signed in anew when the clock has run for weeks in between. */
async function signIn() {
  if (server.clock.now() > signedIn.at + 60_000) {
    signedIn = { at: server.clock.now(), client: await server.founder("secure") };
  }
  return signedIn.client;
}
let signedIn = { at: server.clock.now(), client: await server.founder("secure") };
const custodians = [1, 2, 3].map((fill) => makeCustodian(server, fill));
const [committee, property, city] = custodians;
if (committee === undefined || property === undefined || city === undefined) throw new Error("three");
const successor = makeCustodian(server, 9);
const stranger = makeCustodian(server, 8);
const WHY = { code: "installation" } as const;
/** Three programs and the server compute the keys of 13 epochs in one thread. */
const CEREMONY_PATIENCE_MS = 90_000;

const membersOf = (programs: readonly { readonly identityKey: string }[]) =>
  programs.map(({ identityKey }, i) => ({ body: BODIES[i] ?? "", identityKey }));
const status = () => server.visitor().call(custodyEndpoints.status);
const statements = async (
  topic: "custodians-appointed" | "ceremony-finished" | "shares-destroyed" | "settings-changed",
) => {
  const { rows } = await server.pool.query<{ statement: string; public: boolean }>(
    "select statement, public from evidence_statement where topic = $1 order by at, leaf_id",
    [topic],
  );
  return rows.map((row) => ({ ...JSON.parse(row.statement), public: row.public }));
};
const findings = async () => {
  const { items } = await (await signIn()).call(gateEndpoints.health);
  return items.filter(({ code }) => code.startsWith("custody-")).map(({ code, subject }) => [code, subject]);
};

test("before custodians are appointed there is nothing to see, and nobody to call", async () => {
  const secure = await signIn();
  expect(await status()).toMatchObject({ currentEpoch: 1, epochsLeft: 0, settings: { retentionDays: 30 } });
  expect(await findings()).toEqual([]);
  expect(await secure.refused(custodyEndpoints.startCeremony)).toMatchObject({ code: "conflict" });
});

describe("appointing", () => {
  test("needs the duty and a reason", async () => {
    const secure = await signIn();
    const body = { threshold: 2, members: membersOf(custodians) };
    expect(await secure.refused(custodyEndpoints.appoint, { body })).toMatchObject({
      code: "reason-required",
    });
    const guard = await server.member("guard");
    expect(await guard.refused(custodyEndpoints.appoint, { body, reason: WHY })).toMatchObject({
      code: "wrong-duty",
    });
    expect(await server.visitor().refused(custodyEndpoints.appoint, { body, reason: WHY })).toMatchObject({
      code: "not-signed-in",
    });
  });

  test.each([
    ["a key twice", 2, [1, 1, 3]],
    ["a threshold above all", 4, [1, 2, 3]],
  ])("refuses %s", async (_what, threshold, keys) => {
    const secure = await signIn();
    const members = membersOf(keys.map((fill) => makeCustodian(server, fill)));
    expect(
      await secure.refused(custodyEndpoints.appoint, { body: { threshold, members }, reason: WHY }),
    ).toMatchObject({ code: "invalid-request" });
  });

  test("the first set is in force at once, public in the log", async () => {
    const secure = await signIn();
    const body = { threshold: 2, members: membersOf(custodians) };
    const set = await secure.call(custodyEndpoints.appoint, { body, reason: WHY });
    expect(set).toMatchObject({ version: 1, threshold: 2, inForceSince: server.clock.now(), endorsedBy: [] });
    expect(await statements("custodians-appointed")).toMatchObject([
      { version: 1, threshold: 2, public: true, members: body.members, topic: "custodians-appointed" },
    ]);
    expect(await secure.refused(custodyEndpoints.appoint, { body, reason: WHY })).toMatchObject({
      code: "conflict",
    });
    expect(await findings()).toEqual([["custody-keys-low", undefined]]);
  });
});

describe("a program's request", () => {
  test("is taken once, from a custodian, as it was signed, and at its time", async () => {
    const nonce = new Uint8Array(16).fill(1);
    expect(await must(committee.ask(custodianEndpoints.standing, { nonce }))).toMatchObject({
      retentionDays: 30,
    });
    expect(await codeOf(committee.ask(custodianEndpoints.standing, { nonce }))).toBe("key-refused");
    expect(await codeOf(stranger.ask(custodianEndpoints.standing))).toBe("key-refused");
    const late = server.clock.now() - 60_001;
    expect(await codeOf(committee.ask(custodianEndpoints.standing, { timeMs: late }))).toBe("key-refused");
    const body = { version: 2, signature: "00".repeat(64) };
    const sent = JSON.stringify({ ...body, version: 3 });
    expect(await codeOf(committee.ask(custodianEndpoints.endorse, { body, sent }))).toBe("key-refused");
    const unsigned = await server.app.inject({
      method: "GET",
      url: custodianEndpoints.standing.path,
      headers: { host: "localhost" },
    });
    expect(unsigned.statusCode).toBe(401);
  });

  test("no session of staff stands in for it, and it for none", async () => {
    const secure = await signIn();
    expect(await secure.refused(custodianEndpoints.standing)).toMatchObject({ code: "not-signed-in" });
    expect(await codeOf(committee.ask(custodyEndpoints.startCeremony))).toBe("not-signed-in");
  });
});

describe("a ceremony", () => {
  /** Called, and what each custodian would sit down with. */
  const gathered = async () => {
    const { id, firstEpoch, epochCount } = await must(committee.ask(custodianEndpoints.startCeremony));
    const params = { id };
    const { ceremonyId } = await must(committee.ask(custodianEndpoints.table, { params }));
    const call = { id: fromHex(ceremonyId), threshold: { k: 2, n: 3 }, firstEpoch, epochCount };
    const seats = custodians.map((who, position) => {
      const { publicKey } = makeCeremonyKey(randomBytes);
      const signature = toHex(signSeat(who.seed, call, position + 1, publicKey));
      return { who, body: { publicKey: toHex(publicKey.toBytes()), signature } };
    });
    return { params, seats, call };
  };

  /** Resolves once one statement about the table waits for a lock. */
  const waitingFor = async (table: string) => {
    const waiting =
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1";
    await expect.poll(async () => (await server.pool.query(waiting, [`%${table}%`])).rowCount).toBe(1);
  };

  test("is given up when one does not come, who is named", async () => {
    const secure = await signIn();
    const view = await secure.call(custodyEndpoints.startCeremony);
    expect(view).toMatchObject({ state: "gathering", firstEpoch: 1, epochCount: 13, present: [] });
    expect(await secure.refused(custodyEndpoints.startCeremony)).toMatchObject({ code: "conflict" });
    server.clock.advance(Duration.minutes(16));
    expect((await status()).lastCeremony).toMatchObject({
      id: view.id,
      state: "failed",
      failure: "vanished",
      named: [1, 2, 3].map((index) => ({ index, body: BODIES[index - 1] })),
    });
  });

  test("can be stopped by whoever may call it", async () => {
    const secure = await signIn();
    const { id } = await secure.call(custodyEndpoints.startCeremony);
    expect(await secure.call(custodyEndpoints.stopCeremony, { params: { id }, reason: WHY })).toMatchObject({
      state: "failed",
      failure: "stopped",
    });
    expect(
      await secure.refused(custodyEndpoints.stopCeremony, { params: { id }, reason: WHY }),
    ).toMatchObject({
      code: "conflict",
    });
  });

  test("takes no seat that another signed, and no words that nobody signed", async () => {
    const secure = await signIn();
    const { id } = await must(committee.ask(custodianEndpoints.startCeremony));
    const params = { id };
    const body = {
      publicKey: "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
      signature: "00".repeat(64),
    };
    expect(await codeOf(committee.ask(custodianEndpoints.sit, { params, body }))).toBe("key-refused");
    expect(await codeOf(committee.ask(custodianEndpoints.say, { params, body: { message: "00" } }))).toBe(
      "conflict",
    );
    const finish = { certificate: "00", vouch: "00".repeat(64) };
    expect(await codeOf(committee.ask(custodianEndpoints.finish, { params, body: finish }))).toBe("conflict");
    await secure.call(custodyEndpoints.stopCeremony, { params, reason: WHY });
  });

  test("takes the last seat again where its answer was lost, with no other key and from nobody else", async () => {
    const { params, seats } = await gathered();
    const [first, , last] = seats;
    if (first === undefined || last === undefined) throw new Error("three");
    for (const { who, body } of seats) await must(who.ask(custodianEndpoints.sit, { params, body }));
    expect(await must(last.who.ask(custodianEndpoints.sit, { params, body: last.body }))).toMatchObject({
      state: "running",
    });
    expect(await codeOf(last.who.ask(custodianEndpoints.sit, { params, body: first.body }))).toBe("conflict");
    await (await signIn()).call(custodyEndpoints.stopCeremony, { params, reason: WHY });
  });

  test("keeps what one was shown in place of a seat, and names nobody as vanished", async () => {
    const { params, seats, call } = await gathered();
    for (const { who, body } of seats) await must(who.ask(custodianEndpoints.sit, { params, body }));
    const [first, second, third] = seats.map(({ who }) => who);
    if (first === undefined || second === undefined || third === undefined) throw new Error("three");
    const signature = new Uint8Array(64).fill(7);
    const publicKey = makeCeremonyKey(randomBytes).publicKey.toBytes();
    const shown = [{ place: 2, seat: { publicKey, signature } }];
    const objection = toHex(objectToSeats(first.seed, call, 1, shown));
    const say = (who: typeof first, body: object) =>
      who.ask(custodianEndpoints.fail, { params, body: { reason: "seat-forged", custodians: [2], ...body } });
    expect(await codeOf(say(first, {}))).toBe("invalid-request");
    expect(await codeOf(say(first, { reason: "vanished", objection }))).toBe("invalid-request");
    expect(await codeOf(say(first, { custodians: [3], objection }))).toBe("key-refused");
    expect(await codeOf(say(second, { objection }))).toBe("key-refused");
    expect(await must(say(first, { objection }))).toMatchObject({
      state: "failed",
      failure: "seat-disputed",
      named: [{ index: 1 }],
    });
    const table = await must(third.ask(custodianEndpoints.table, { params }));
    expect(table.seats.map((seat) => seat.objection)).toEqual([objection, undefined, undefined]);
    // What the others say of the silence afterwards changes nothing.
    for (const who of [second, third]) await must(say(who, { reason: "vanished", custodians: [1] }));
    const { ceremony } = await must(third.ask(custodianEndpoints.table, { params }));
    expect(ceremony).toMatchObject({ failure: "seat-disputed", named: [{ index: 1 }] });

    // Somebody changed a seat in the database: then the server's own board shows what is wrong.
    await server.pool.query("update custody_seat set signature = $1 where ceremony = $2 and custodian = 2", [
      signature,
      params.id,
    ]);
    expect(await must(say(first, { objection }))).toMatchObject({
      failure: "seat-forged",
      named: [{ index: 2 }],
    });
  });

  test("never shows that it runs beside a seat that is still empty", async () => {
    const { params, seats } = await gathered();
    const [early, late, last] = seats;
    if (early === undefined || late === undefined || last === undefined) throw new Error("three");
    for (const { who, body } of [early, late]) await must(who.ask(custodianEndpoints.sit, { params, body }));
    // Whoever looks has read the seats and waits for the messages when the last one sits down.
    const holder = await server.pool.connect();
    await holder.query("begin; lock table custody_message in access exclusive mode");
    const looking = must(early.who.ask(custodianEndpoints.table, { params }));
    await waitingFor("custody_message");
    await must(last.who.ask(custodianEndpoints.sit, { params, body: last.body }));
    await holder.query("commit");
    holder.release();
    const { ceremony, seats: shown } = await looking;
    expect({ state: ceremony.state, seats: shown.length }).toEqual({ state: "gathering", seats: 2 });
    await (await signIn()).call(custodyEndpoints.stopCeremony, { params, reason: WHY });
  });

  test("takes one message after the other, so that none appears before those that were read", async () => {
    const { params, seats } = await gathered();
    for (const { who, body } of seats) await must(who.ask(custodianEndpoints.sit, { params, body }));
    const holder = await server.pool.connect();
    await holder.query("begin");
    await holder.query("select 1 from custody_setting for update");
    const saying = codeOf(committee.ask(custodianEndpoints.say, { params, body: { message: "00" } }));
    await waitingFor("custody_setting");
    await holder.query("commit");
    holder.release();
    expect(await saying).toBe("invalid-request");
    await (await signIn()).call(custodyEndpoints.stopCeremony, { params, reason: WHY });
  });

  test("gives what most programs say of it, whatever one of them says", async () => {
    const secure = await signIn();
    const { id } = await must(committee.ask(custodianEndpoints.startCeremony));
    const say = (who: TestCustodian, reason: "bad-share" | "false-complaint", named: number[]) =>
      must(who.ask(custodianEndpoints.fail, { params: { id }, body: { reason, custodians: named } }));
    // Reports of programs that never sat down change nothing that is shown.
    expect(await say(committee, "bad-share", [2])).toMatchObject({ state: "gathering" });
    await secure.call(custodyEndpoints.stopCeremony, { params: { id }, reason: WHY });
  });

  test("makes the keys of 13 epochs; they are in the log, and gates are told", {
    timeout: CEREMONY_PATIENCE_MS,
  }, async () => {
    server.clock.advance(Duration.seconds(1));
    const ends = await Promise.all(custodians.map((one) => attend(one)));
    expect(ends.map(({ finished }) => finished)).toEqual([true, true, true]);
    const now = await status();
    expect(now).toMatchObject({ epochsLeft: 12, lastCeremony: { state: "finished", present: [1, 2, 3] } });
    expect(now.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(await statements("ceremony-finished")).toMatchObject([
      { firstEpoch: 1, epochCount: 13, threshold: 2, custodians: [...BODIES], public: true },
    ]);
    expect(await findings()).toEqual([]);
    const [own] = await makeKeyRing().keysOfEpoch(server.db, 13);
    expect(own).toMatchObject({ key: { epoch: 13 }, set: { version: 1 } });
    expect(own?.vouches).toHaveLength(3);
    const [first] = ends;
    const made = first?.finished ? first.outcome.keys.at(-1)?.id : undefined;
    expect(own?.key.id).toEqual(made);
  });
});

describe("receipts", () => {
  async function receiptOf(who: TestCustodian, index: number, epoch: number) {
    const [own] = await makeKeyRing().keysOfEpoch(server.db, epoch);
    if (own === undefined) throw new Error("no key");
    const destroyedAt = server.clock.now();
    const said = { keyId: own.key.id, epoch, index, destroyedAtMs: destroyedAt };
    return { ceremony: own.ceremony, epoch, destroyedAt, signature: toHex(signReceipt(who.seed, said)) };
  }

  test("stand in the log, each once, and only under the custodian's own signature", async () => {
    const body = await receiptOf(committee, 1, 1);
    expect(await codeOf(property.ask(custodianEndpoints.receipt, { body }))).toBe("key-refused");
    expect(await codeOf(committee.ask(custodianEndpoints.receipt, { body: { ...body, epoch: 2 } }))).toBe(
      "key-refused",
    );
    expect(await codeOf(committee.ask(custodianEndpoints.receipt, { body: { ...body, epoch: 14 } }))).toBe(
      "not-found",
    );
    await must(committee.ask(custodianEndpoints.receipt, { body }));
    await must(committee.ask(custodianEndpoints.receipt, { body }));
    expect(await statements("shares-destroyed")).toMatchObject([
      { epoch: 1, custodian: "committee", index: 1, destroyedAt: body.destroyedAt, public: true },
    ]);
    expect((await status()).epochs[0]?.receipts).toMatchObject([
      { body: "committee", destroyedAt: body.destroyedAt, overdue: false },
      { body: "property", overdue: false },
      { body: "city", overdue: false },
    ]);
  });

  test("that are a day late name their custodian", async () => {
    server.clock.advance(Duration.days(28 + 30 + 1));
    const { epochs } = await status();
    expect(epochs[0]).toMatchObject({
      epoch: 1,
      receipts: [{ overdue: false }, { overdue: true }, { overdue: true }],
    });
    expect(await findings()).toEqual([
      ["custody-receipt-overdue", "city"],
      ["custody-receipt-overdue", "property"],
    ]);
    for (const [index, who] of custodians.entries()) {
      await must(who.ask(custodianEndpoints.receipt, { body: await receiptOf(who, index + 1, 1) }));
    }
    expect(await findings()).toEqual([]);
  });
});

test("a vote may shorten retention; the change stands in the log", async () => {
  const secure = await signIn();
  const { settings } = await status();
  const body = { retentionDays: 14, revision: settings.revision };
  expect(await secure.refused(custodyEndpoints.settings, { body })).toMatchObject({
    code: "reason-required",
  });
  const after = await secure.call(custodyEndpoints.settings, { body, reason: WHY });
  expect(after).toEqual({ retentionDays: 14, revision: settings.revision + 1 });
  expect(await secure.refused(custodyEndpoints.settings, { body, reason: WHY })).toMatchObject({
    code: "stale-revision",
  });
  expect(
    await secure.refused(custodyEndpoints.settings, { body: { ...after, retentionDays: 31 }, reason: WHY }),
  ).toMatchObject({
    code: "invalid-request",
  });
  expect(await statements("settings-changed")).toMatchObject([{ before: 30, after: 14, public: true }]);
});

describe("another custodian in the place of a lost one", () => {
  const next = [committee, property, successor];

  test("waits until two of those in office agree", async () => {
    const secure = await signIn();
    const body = { threshold: 2, members: membersOf(next) };
    const waiting = await secure.call(custodyEndpoints.appoint, { body, reason: WHY });
    expect(waiting).toMatchObject({ version: 2 });
    expect(waiting).not.toHaveProperty("inForceSince");
    expect((await status()).custodians).toMatchObject({ version: 1 });
    expect(await codeOf(successor.ask(custodianEndpoints.standing))).toBe("key-refused");

    const standing = await must(committee.ask(custodianEndpoints.standing));
    const previous = parseCustodianSet(fromHex(standing.sets[0]?.encoded ?? ""));
    const proposed = parseCustodianSet(fromHex(standing.waiting?.encoded ?? ""));
    const wordOf = (who: TestCustodian) => {
      const { signature } = endorse({ previous, next: proposed, secretKey: who.seed });
      return { version: 2, signature: toHex(signature) };
    };
    const wrong = { version: 2, signature: "00".repeat(64) };
    expect(await codeOf(committee.ask(custodianEndpoints.endorse, { body: wrong }))).toBe("key-refused");
    expect(await codeOf(property.ask(custodianEndpoints.endorse, { body: wordOf(committee) }))).toBe(
      "key-refused",
    );
    const first = await must(committee.ask(custodianEndpoints.endorse, { body: wordOf(committee) }));
    expect(first).toMatchObject({ endorsedBy: [1] });
    expect(first).not.toHaveProperty("inForceSince");
    await must(committee.ask(custodianEndpoints.endorse, { body: wordOf(committee) }));
    const second = await must(property.ask(custodianEndpoints.endorse, { body: wordOf(property) }));
    expect(second).toMatchObject({ endorsedBy: [1, 2], inForceSince: server.clock.now() });
    // Those who stay were seen; the one who is new was not.
    const seen = (await status()).custodians?.members.map(({ lastSeenAt }) => lastSeenAt !== undefined);
    expect(seen).toEqual(next.map((who) => who !== successor));
    const stored = await selectCustodians(server.db, 64);
    expect(stored.map(({ encoded }) => encoded)).toEqual([previous, proposed].map(encodeCustodianSet));
    expect(stored.map(({ endorsements }) => endorsements.map(({ index }) => index))).toEqual([[], [1, 2]]);
  });

  test("makes keys for epochs to come; the one who left still says what it destroyed, and no more", {
    timeout: CEREMONY_PATIENCE_MS,
  }, async () => {
    expect(await codeOf(city.ask(custodianEndpoints.startCeremony))).toBe("forbidden");
    const ends = await Promise.all(next.map((one) => attend(one)));
    expect(ends.map(({ finished }) => finished)).toEqual([true, true, true]);
    const { lastCeremony, currentEpoch } = await status();
    expect(lastCeremony).toMatchObject({ setVersion: 2, firstEpoch: currentEpoch + 1 });
    const keys = await makeKeyRing().keysOfEpoch(server.db, currentEpoch + 1);
    expect(keys.map(({ set }) => set.version)).toEqual([2, 1]);
    expect(await codeOf(city.ask(custodianEndpoints.table, { params: { id: lastCeremony?.id ?? "" } }))).toBe(
      "forbidden",
    );
    expect(await must(city.ask(custodianEndpoints.standing))).toMatchObject({ epochsLeft: 13 });
  });
});

test("what custodians and staff did is in the public list of statements", async () => {
  const { items } = await server.visitor().call(evidenceEndpoints.statements, { query: { limit: 500 } });
  const topics = new Set<string>(items.map(({ topic }) => topic));
  for (const topic of ["custodians-appointed", "ceremony-finished", "shares-destroyed", "settings-changed"]) {
    expect(topics).toContain(topic);
  }
});
