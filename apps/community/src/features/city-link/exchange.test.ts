import { fromHex, randomBytes, toHex, voprfEvaluate, voprfGenerate } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import { beforeEach, describe, expect, test } from "vitest";
import { makeStorageKey } from "../../keys/storage-key.ts";
import { makeTestClock, type TestClock } from "../../testing/test-clock.ts";
import { quietLogger, startTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { replaceConnection, selectConnection } from "./connection.store.ts";
import { type Exchange, makeExchange } from "./exchange.ts";
import { insertReport } from "./reports.store.ts";
import { CITY_KEY_CONTEXT, caseNumberContext } from "./sealing.ts";

const NUMBER = fromHex("5c3e0001");
const storageKey = makeStorageKey(randomBytes(32));
let database: TestDatabase;
let clock: TestClock;
let exchange: Exchange;
let city: ReturnType<typeof makeCity>;

/** A city of this test's own: what it was told, and how it behaves. */
function makeCity() {
  const keys = voprfGenerate(randomBytes);
  const told = new Map<string, unknown>();
  const behaves = {
    isGone: false,
    refuses: new Set<string>(),
    isOverLimit: false,
    answersWith: keys,
    breaksAfter: Number.POSITIVE_INFINITY,
  };
  let requests = 0;
  const problem = (status: number, code: string) =>
    new Response(JSON.stringify({ status, code, title: code }), { status });
  const send: typeof fetch = async (input, init) => {
    requests += 1;
    if (behaves.isGone || requests > behaves.breaksAfter) throw new TypeError("gone");
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    const id = pathname.split("/").at(-1) ?? "";
    if (pathname.endsWith("/evaluations")) {
      if (behaves.isOverLimit) return problem(429, "rate-limited");
      const blinded: string[] = body.blinded;
      const answer = voprfEvaluate(behaves.answersWith, blinded.map(fromHex), randomBytes);
      if (answer === undefined) return problem(400, "invalid-request");
      return Response.json({
        evaluated: answer.evaluated.map(toHex),
        proof: toHex(answer.proof),
        left: 9,
      });
    }
    if (pathname.endsWith("/incidents")) {
      const reportIds = [...told.keys()];
      const items =
        reportIds.length === 0
          ? []
          : [{ number: 7, communities: 5, since: "2026-11-02", state: "open", reportIds }];
      return Response.json({ items, issuers: [{ code: "works", name: "Works" }] });
    }
    if (init?.method === "DELETE") told.delete(id);
    else if (behaves.refuses.has(id)) return problem(400, "invalid-request");
    else told.set(id, body);
    return new Response(null, { status: 204 });
  };
  return { keys, told, behaves, send };
}

beforeEach(async () => {
  database = await startTestDatabase();
  clock = makeTestClock();
  city = makeCity();
  const fetch: typeof globalThis.fetch = (...request) => city.send(...request);
  exchange = makeExchange({ db: database.db, clock, logger: quietLogger, storageKey, fetch });
  await database.db.transaction().execute((trx) =>
    replaceConnection(trx, {
      url: "https://city.example",
      name: "海棠苑",
      evaluationKey: city.keys.publicKey,
      sealedKey: storageKey.seal(randomBytes(32), CITY_KEY_CONTEXT),
      at: clock.now(),
    }),
  );
});

const ids = { first: uuid(1), second: uuid(2) };
function uuid(last: number): string {
  return `00000000-0000-4000-8000-00000000000${last}`;
}

async function closedCase(id: string): Promise<void> {
  await database.pool.query(
    `insert into detection_case (id, credential, epoch, kind, opened_at, reached_at, step, score, probability, signs,
       closed_at, finding) values ($1, decode(repeat('ab', 24), 'hex'), 1, 'uid', now(), now(), 'ask', 12, 0.9, '[]',
       now(), 'copy')`,
    [id],
  );
}

async function toTell(id: string, number?: Uint8Array): Promise<void> {
  await closedCase(id);
  await database.db.transaction().execute((trx) =>
    insertReport(trx, {
      id,
      caseId: id,
      week: "2026-11-23",
      chip: "uid",
      batchPrefix: "5c3e",
      ...(number === undefined
        ? {}
        : {
            sealedNumber: storageKey.seal(number, caseNumberContext(id)),
            numberUntil: clock.now() + 7 * 86_400_000,
          }),
    }),
  );
}

const rows = async () =>
  database.db.selectFrom("city_report").select(["id", "state", "sealed_number"]).orderBy("id").execute();
const trouble = async () => (await selectConnection(database.db))?.trouble;

describe("the talk with the city", () => {
  test("tells with a tag, keeps no number, and hears", async () => {
    await toTell(ids.first, NUMBER);
    await exchange.run();
    expect(city.told.get(ids.first)).toEqual({
      source: "case",
      week: "2026-11-23",
      chip: "uid",
      batchPrefix: "5c3e",
      numberTag: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await rows()).toEqual([{ id: ids.first, state: "told", sealed_number: null }]);
    const heard = await database.db
      .selectFrom("city_report")
      .select(["incident", "communities"])
      .executeTakeFirstOrThrow();
    expect(heard).toEqual({ incident: 7, communities: 5 });
    expect((await selectConnection(database.db))?.issuers).toEqual([{ code: "works", name: "Works" }]);
  });

  test("a city that is gone is asked again, and nothing is lost or told twice", async () => {
    await toTell(ids.first, NUMBER);
    await toTell(ids.second);
    for (const breaksAfter of [0, 2, 3]) {
      city.behaves.breaksAfter = breaksAfter;
      await exchange.run();
      expect(await trouble()).toBe("unreachable");
    }
    city.behaves.breaksAfter = Number.POSITIVE_INFINITY;
    await exchange.run();
    expect([...city.told.keys()].toSorted()).toEqual([ids.first, ids.second]);
    expect((await rows()).map(({ state }) => state)).toEqual(["told", "told"]);
    expect(await trouble()).toBeNull();
  });

  test("over the day's count the others are told, and this one the next day", async () => {
    await toTell(ids.first, NUMBER);
    await toTell(ids.second);
    city.behaves.isOverLimit = true;
    await exchange.run();
    expect([...city.told.keys()]).toEqual([ids.second]);
    expect(await trouble()).toBe("rate-limited");
    city.behaves.isOverLimit = false;
    await exchange.run();
    expect(city.told.size).toBe(2);
    expect(await trouble()).toBeNull();
  });

  test("a city under another key is not believed, and nothing is told with such a tag", async () => {
    await toTell(ids.first, NUMBER);
    city.behaves.answersWith = voprfGenerate(randomBytes);
    await exchange.run();
    expect(await trouble()).toBe("not-believed");
    expect(city.told.size).toBe(0);
  });

  test("a number whose tag never comes is forgotten after a week, and its batch is told", async () => {
    await toTell(ids.first, NUMBER);
    city.behaves.isOverLimit = true;
    clock.advance(Duration.hours(24 * 7));
    await exchange.run();
    expect(await rows()).toEqual([{ id: ids.first, state: "told", sealed_number: null }]);
    expect(city.told.get(ids.first)).not.toHaveProperty("numberTag");
  });

  test("a report that the city refuses does not hold up the others", async () => {
    await toTell(ids.first);
    await toTell(ids.second);
    city.behaves.refuses.add(ids.first);
    await exchange.run();
    expect((await rows()).map(({ state }) => state)).toEqual(["refused", "told"]);
    expect(await trouble()).toBeNull();
  });

  test("a case that is no copy any more is taken back, and nothing of it stays", async () => {
    await toTell(ids.first, NUMBER);
    await exchange.run();
    await database.pool.query("update detection_case set closed_at = null, finding = null");
    city.behaves.isGone = true;
    await exchange.run();
    expect(await rows()).toMatchObject([{ state: "withdrawing" }]);
    city.behaves.isGone = false;
    await exchange.run();
    expect(city.told.size).toBe(0);
    expect(await rows()).toEqual([]);
  });

  test("asked while it runs, it runs once more", async () => {
    const first = exchange.run();
    await toTell(ids.first);
    await Promise.all([first, exchange.run()]);
    expect(city.told.size).toBe(1);
  });
});
