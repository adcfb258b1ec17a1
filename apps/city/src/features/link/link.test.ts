import { randomUUID } from "node:crypto";
import { fromHex, randomBytes, toHex, voprfGenerate } from "@menshen/crypto/node";
import { CityLinkError, communityRequests, makeCityClient } from "@menshen/service-kit/city-link";
import { cityCommunityEndpoints, cityLinkEndpoints } from "@menshen/wire";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { MONDAY, report, startTestCity, type TestCity, THIS_WEEK } from "../../testing/test-city.ts";

const DAY_MS = 86_400_000;
const refusedWith = (refusal: string) => expect.objectContaining({ name: "CityLinkError", refusal });

describe("enrolment and signed requests", () => {
  let city: TestCity;
  beforeAll(async () => {
    city = await startTestCity();
  });

  test("a code works once, and only the key that came with it is taken", async () => {
    const officer = await city.officer();
    const { code, community } = await officer.call(cityCommunityEndpoints.add, { body: { name: "海棠苑" } });
    const [one, other] = [city.stranger(), city.stranger()];
    await expect(one.incidents()).rejects.toThrow(refusedWith("key-refused"));
    // Strangers cannot fill the table of what was sent before.
    expect(await city.db.selectFrom("request_nonce").select("nonce").execute()).toEqual([]);
    expect(await one.enrol(code)).toEqual({
      name: "海棠苑",
      evaluationKey: toHex(city.keys.publicKey),
      evaluationsADay: 100,
    });
    expect(await one.incidents()).toEqual({ items: [], issuers: [] });
    await expect(other.enrol(code)).rejects.toThrow(refusedWith("code-invalid"));
    await expect(other.incidents()).rejects.toThrow(refusedWith("key-refused"));
    const again = await officer.call(cityCommunityEndpoints.renewCode, { params: { id: community.id } });
    await other.enrol(again.code);
    await expect(one.incidents()).rejects.toThrow(refusedWith("key-refused"));
    expect(await other.incidents()).toEqual({ items: [], issuers: [] });
  });

  test("a code ends after seven days", async () => {
    const officer = await city.officer();
    const { id } = await city.community("过期苑");
    const { code } = await officer.call(cityCommunityEndpoints.renewCode, { params: { id } });
    const late = makeCityClient({
      url: city.http,
      secretKey: randomBytes(32),
      now: city.clock.now,
      randomBytes,
    });
    city.clock.advance(7 * DAY_MS);
    await expect(late.enrol(code)).rejects.toThrow(refusedWith("code-invalid"));
    city.clock.advance(-7 * DAY_MS);
  });

  test("a community that was removed is refused, and taken again when it is put back", async () => {
    const officer = await city.officer();
    const community = await city.community("石榴苑");
    await officer.call(cityCommunityEndpoints.remove, { params: { id: community.id } });
    await expect(community.incidents()).rejects.toThrow(refusedWith("key-refused"));
    await officer.call(cityCommunityEndpoints.restore, { params: { id: community.id } });
    await community.incidents();
  });

  test("a request is taken once, for its own path and body, at about its time", async () => {
    const secretKey = randomBytes(32);
    const officer = await city.officer();
    const { code } = await officer.call(cityCommunityEndpoints.add, { body: { name: "丁香苑" } });
    await makeCityClient({ url: city.http, secretKey, now: city.clock.now, randomBytes }).enrol(code);
    const { path } = cityLinkEndpoints.incidents;
    const sign = (of: { path?: string; method?: string; timeMs?: number; body?: Uint8Array }) =>
      communityRequests.authorize({
        method: "GET",
        path,
        body: new Uint8Array(),
        timeMs: city.clock.now(),
        nonce: randomBytes(16),
        secretKey,
        ...of,
      });
    const ask = async (authorization: string | undefined) =>
      (
        await fetch(city.http + path, {
          headers: authorization === undefined ? {} : { authorization },
        })
      ).status;
    const good = sign({});
    expect(await ask(good)).toBe(200);
    expect(await ask(good)).toBe(401);
    for (const bad of [
      undefined,
      "",
      "Bearer x",
      good.replace("Community", "Custodian"),
      sign({ path: "/api/v1/link/other" }),
      sign({ method: "PUT" }),
      sign({ body: new Uint8Array([1]) }),
      sign({ timeMs: city.clock.now() - 120_001 }),
      sign({ timeMs: city.clock.now() + 120_001 }),
      sign({}).replace(/signature=.{4}/, "signature=AAAA"),
    ]) {
      expect(await ask(bad), bad).toBe(401);
    }
  });

  test("a community's key opens nothing of the officers', and without a key nothing answers", async () => {
    const community = await city.community("玉兰苑");
    const staff = city.routes.filter(
      ({ path }) => !path.startsWith("/api/v1/link/") && !/^\/api\/v1\/session($|\/)/.test(path),
    );
    expect(staff.length).toBeGreaterThan(12);
    for (const { method, path } of staff.filter(({ path: one }) => one.startsWith("/api/"))) {
      const url = path.replace(":id", randomUUID());
      const headers = {
        authorization: communityRequests.authorize({
          ...{ method, path: url, body: new Uint8Array(), timeMs: city.clock.now() },
          ...{ nonce: randomBytes(16), secretKey: randomBytes(32) },
        }),
        ...(method === "POST" ? { "content-type": "application/json" } : {}),
      };
      const { status } = await fetch(city.http + url, { method, headers });
      expect([400, 401], `${method} ${path}`).toContain(status);
      if (method === "GET") expect(status).toBe(401);
    }
    for (const { method, path } of city.routes.filter(({ path: one }) => one.startsWith("/api/v1/link/"))) {
      if (path.endsWith("/enrol")) continue;
      const bodies = [{ blinded: [toHex(randomBytes(32))] }, report()];
      const answers = await Promise.all(
        bodies.map(async (body) => {
          const headers = { "content-type": "application/json" };
          const init =
            method === "GET" || method === "HEAD"
              ? { method }
              : { method, headers, body: JSON.stringify(body) };
          return (await fetch(city.http + path.replace(":id", randomUUID()), init)).status;
        }),
      );
      expect(answers, `${method} ${path}`).toContain(401);
      for (const status of answers) expect([400, 401]).toContain(status);
    }
    await community.incidents();
  });
});

describe("numbers", () => {
  let city: TestCity;
  beforeAll(async () => {
    city = await startTestCity({ evaluationsADay: 5 });
  });
  const number = (last: number) => fromHex(`04a1b2c3d4e5${last.toString(16).padStart(2, "0")}`);

  test("the same number has the same tag in two communities, and the city's answers never show it", async () => {
    const [one, other] = [await city.community("甲"), await city.community("乙")];
    const [tag, second] = await one.tagNumbers(city.keys.publicKey, [number(1), number(2)]);
    const [again] = await other.tagNumbers(city.keys.publicKey, [number(1)]);
    expect(tag).toMatch(/^[0-9a-f]{64}$/);
    expect(again).toBe(tag);
    expect(second).not.toBe(tag);
  });

  test("so many a day, counted in the database, and a refusal counts nothing", async () => {
    const community = await city.community("丙");
    const ask = (...numbers: number[]) => community.tagNumbers(city.keys.publicKey, numbers.map(number));
    await ask(1, 2, 3);
    const refused = await ask(1, 2, 3).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "rate-limited",
      refusal: "rate-limited",
      retryAfterSeconds: 86_400,
    });
    expect(refused).toHaveProperty("message", expect.stringContaining("at most 5 numbers a day"));
    await ask(1, 2);
    await expect(ask(1)).rejects.toMatchObject({ code: "rate-limited" });
    await expect(ask(1, 2, 3, 4, 5, 6)).rejects.toMatchObject({ code: "rate-limited" });
    const count = await city.db
      .selectFrom("evaluation_count")
      .select(["used", "day"])
      .where("community_id", "=", community.id)
      .execute();
    expect(count).toEqual([{ used: 5, day: "2026-11-23" }]);
    city.clock.advance(DAY_MS);
    await ask(1, 2, 3, 4, 5);
    await expect(ask(1)).rejects.toMatchObject({ code: "rate-limited" });
    city.clock.advance(-DAY_MS);
  });

  test("two requests at once do not spend the same numbers twice", async () => {
    const community = await city.community("丁");
    const ends = await Promise.allSettled(
      [1, 2, 3, 4].map(async (first) =>
        community.tagNumbers(city.keys.publicKey, [number(first), number(first + 1)]),
      ),
    );
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  test("a city with another key is not believed", async () => {
    const community = await city.community("戊");
    const other = voprfGenerate(randomBytes);
    await expect(community.tagNumbers(other.publicKey, [number(1)])).rejects.toMatchObject({
      code: "not-believed",
    });
  });

  test("what is no element is refused", async () => {
    const community = await city.community("己");
    const raw = makeRaw(city);
    for (const blinded of [["00".repeat(32)], ["ff".repeat(32)]]) {
      const answer = await raw.send("POST", cityLinkEndpoints.evaluate.path, { blinded });
      expect(answer).toMatchObject({ status: 400, body: { code: "invalid-request" } });
    }
    await community.incidents();
  });
});

describe("reports", () => {
  let city: TestCity;
  beforeAll(async () => {
    city = await startTestCity();
  });

  test("no field carries a name, a text, a place or a moment", async () => {
    const raw = makeRaw(city);
    const path = `/api/v1/link/reports/${randomUUID()}`;
    for (const more of [
      ...[{ name: "王某" }, { text: "x" }, { dwelling: "1-101" }, { at: MONDAY }, { number: "04a1b2c3" }],
      ...[{ issuer: "王某" }, { issuer: "a b" }, { week: "2026-11-24" }, { week: "2026-11-23T10:00:00Z" }],
      ...[{ week: "2026-13-01" }, { week: "2020-01-06" }, { week: "2026-12-07" }, { chip: "face" }],
      ...[{ batchPrefix: "5c3e5c3e" }, { batchPrefix: "5c" }, { batchPrefix: "zzzz" }, { keyVersion: 256 }],
      ...[{ numberTag: "00" }, { batchPrefix: undefined }, { issuer: "nobody" }, { source: "rumour" }],
    ]) {
      const answer = await raw.send("PUT", path, { ...report(), ...more });
      expect(answer, JSON.stringify(more)).toMatchObject({ status: 400, body: { code: "invalid-request" } });
    }
    expect((await raw.send("PUT", path, report())).status).toBe(204);
    const stored = await city.db.selectFrom("report").select(["week", "chip", "batch_prefix"]).execute();
    expect(stored).toEqual([{ week: THIS_WEEK, chip: "uid", batch_prefix: Buffer.from("5c3e", "hex") }]);
  });

  test("whatever is sent, the answer is a refusal or done, never a fault", async () => {
    const raw = makeRaw(city);
    const field = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant("5c3e"), fc.object());
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record(
        { source: field, week: field, chip: field, batchPrefix: field, numberTag: field, issuer: field },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const { status } = await raw.send("PUT", `/api/v1/link/reports/${randomUUID()}`, value);
        expect([204, 400]).toContain(status);
      }),
      { numRuns: 60 },
    );
  });

  test("told twice it is one report; told otherwise under the same id, the last one stands", async () => {
    const community = await city.community("庚");
    const id = randomUUID();
    await community.report(id, report());
    await community.report(id, report());
    await community.report(id, report({ batchPrefix: "aaaa" }));
    const rows = await city.db
      .selectFrom("report_pattern")
      .select("pattern")
      .where("report_id", "=", id)
      .execute();
    expect(rows).toEqual([{ pattern: "batch:uid:aaaa" }]);
    await community.withdraw(id);
    await community.withdraw(id);
    const left = await city.db.selectFrom("report").select("id").where("id", "=", id).execute();
    expect(left).toEqual([]);
  });

  test("nobody takes back what somebody else told", async () => {
    const [one, other] = [await city.community("辛"), await city.community("壬")];
    const id = randomUUID();
    await one.report(id, report());
    await other.withdraw(id);
    const left = await city.db.selectFrom("report").select("id").where("id", "=", id).execute();
    expect(left).toEqual([{ id }]);
  });
});

/** A community whose requests are signed and say anything. */
function makeRaw(city: TestCity) {
  const secretKey = randomBytes(32);
  const ready = (async () => {
    const officer = await city.officer();
    const name = `raw ${randomUUID()}`;
    const { code } = await officer.call(cityCommunityEndpoints.add, { body: { name } });
    await makeCityClient({ url: city.http, secretKey, now: city.clock.now, randomBytes }).enrol(code);
  })();
  return {
    async send(method: string, path: string, value: unknown) {
      await ready;
      const body = JSON.stringify(value);
      const authorization = communityRequests.authorize({
        ...{ method, path, body: new TextEncoder().encode(body), secretKey },
        ...{ timeMs: city.clock.now(), nonce: randomBytes(16) },
      });
      const headers = { authorization, "content-type": "application/json" };
      const response = await fetch(city.http + path, { method, headers, body });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    },
  };
}

test("an address beyond this machine is taken with https only", () => {
  const make = (url: string) => () =>
    makeCityClient({ url, secretKey: randomBytes(32), now: Date.now, randomBytes });
  for (const url of [
    "http://city.example",
    "ftp://localhost",
    "https://city.example/x",
    "https://u@c.example",
    "x",
  ]) {
    expect(make(url), url).toThrow(CityLinkError);
  }
  for (const url of ["https://city.example", "http://localhost:1", "http://[::1]:1"]) make(url)();
});
