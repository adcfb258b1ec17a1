import { randomUUID } from "node:crypto";
import { randomBytes, toHex } from "@menshen/crypto/node";
import type { CityClient } from "@menshen/service-kit/city-link";
import { weekOf } from "@menshen/service-kit/city-link";
import { type CityReport, cityIncidentEndpoints, cityIssuerEndpoints } from "@menshen/wire";
import fc from "fast-check";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { MONDAY, report, startTestCity, type TestCity } from "../../testing/test-city.ts";
import { patternsOf, readPattern } from "./patterns.ts";
import { shown } from "./thresholds.ts";

const WEEK_MS = 7 * 86_400_000;
let city: TestCity;
let communities: (CityClient & { readonly id: string })[];

beforeAll(async () => {
  city = await startTestCity();
  communities = await Promise.all(Array.from({ length: 12 }, async (_, n) => city.community(`苑 ${n}`)));
  const officer = await city.officer();
  await officer.call(cityIssuerEndpoints.add, { body: { code: "works", name: "制卡厂 Works" } });
});

beforeEach(async () => {
  for (const table of ["incident_pattern", "incident", "report"] as const) {
    await city.db.deleteFrom(table).execute();
  }
});

/** Each of these communities tells this; answers the reports' ids. */
async function tell(numbers: readonly number[], of: Partial<CityReport> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (const number of numbers) {
    const id = randomUUID();
    await communities[number]?.report(id, report(of));
    ids.push(id);
  }
  return ids;
}

test("below four communities nobody sees anything, from four on it is one incident that grows", async () => {
  await tell([0, 1, 2]);
  await tell([0, 0, 0, 0, 0]);
  expect(await city.incidents()).toEqual([]);
  expect((await communities[0]?.incidents())?.items).toEqual([]);
  await tell([3]);
  const [four] = await city.incidents();
  expect(four).toMatchObject({
    communities: 4,
    leading: { kind: "batch", chip: "uid", batchPrefix: "5c3e", communities: 4 },
  });
  await tell([4, 5, 6, 7, 8, 9, 10, 11]);
  expect(await city.incidents()).toEqual([
    { ...four, communities: 12, leading: { ...four?.leading, communities: 12 } },
  ]);
});

test("one number in two communities is an incident of a few, with no number anywhere in it", async () => {
  const numberTag = toHex(randomBytes(32));
  await tell([0], { numberTag, batchPrefix: "0001" });
  expect(await city.incidents()).toEqual([]);
  await tell([1], { numberTag, batchPrefix: "0001" });
  const [incident, ...others] = await city.incidents();
  expect(others).toEqual([]);
  expect(incident?.communities).toBeUndefined();
  expect(incident?.leading).toEqual({ kind: "number" });
  const officer = await city.officer();
  const detail = await officer.call(cityIncidentEndpoints.get, { params: { id: incident?.id ?? "" } });
  // The batch of the two is two communities', and not shown.
  expect(detail.patterns).toEqual([{ kind: "number" }]);
  expect(detail.trend).toEqual([{ from: "2026-11-23" === weekOf(MONDAY) ? expect.any(String) : "" }]);
  expect(JSON.stringify(detail)).not.toContain(numberTag);
  expect(JSON.stringify(detail)).not.toContain("0001");
});

test("issuer and key version are a pattern of their own; another version is another", async () => {
  const of = { batchPrefix: undefined, issuer: "works", chip: "desfire" } as const;
  await tell([0, 1, 2], withoutBatch({ ...of, keyVersion: 3 }));
  await tell([3], withoutBatch({ ...of, keyVersion: 4 }));
  expect(await city.incidents()).toEqual([]);
  await tell([4], withoutBatch({ ...of, keyVersion: 3 }));
  expect(await city.incidents()).toMatchObject([
    {
      leading: { kind: "issue", issuer: "works", issuerName: "制卡厂 Works", keyVersion: 3, communities: 4 },
    },
  ]);
});

function withoutBatch(of: Omit<Partial<CityReport>, "batchPrefix"> & { batchPrefix?: undefined }) {
  return { ...of, batchPrefix: undefined } as unknown as Partial<CityReport>;
}

test("two incidents that turn out to be one are one, the older", async () => {
  await tell([0, 1, 2, 3], { batchPrefix: "aaaa" });
  await tell([4, 5, 6, 7], { batchPrefix: "bbbb" });
  const before = await city.incidents();
  expect(before).toHaveLength(2);
  const tags = [toHex(randomBytes(32)), toHex(randomBytes(32))];
  // The number of one delivery turns up beside the other.
  await tell([8], { batchPrefix: "aaaa", numberTag: tags[0] ?? "" });
  await tell([9], { batchPrefix: "bbbb", numberTag: tags[0] ?? "" });
  const after = await city.incidents();
  expect(after).toHaveLength(1);
  expect(after[0]).toMatchObject({
    communities: 10,
    number: Math.min(...before.map(({ number }) => number)),
  });
});

test("reports that come at the same moment open one incident", async () => {
  await Promise.all(
    communities.map((community) => community.report(randomUUID(), report({ batchPrefix: "cccc" }))),
  );
  expect(await city.incidents()).toMatchObject([{ communities: 12 }]);
});

test("the order in which reports come does not matter", async () => {
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 });
  const counts = new Set<string>();
  await fc.assert(
    fc.asyncProperty(order, async (numbers) => {
      for (const table of ["incident_pattern", "incident", "report"] as const) {
        await city.db.deleteFrom(table).execute();
      }
      for (const number of numbers) {
        const shared = number < 2 ? { numberTag: "ab".repeat(32) } : {};
        await tell([number], { batchPrefix: number % 2 === 0 ? "aaaa" : "bbbb", ...shared });
      }
      const seen = await city.incidents();
      counts.add(JSON.stringify(seen.map(({ communities: n, since, leading }) => ({ n, since, leading }))));
      expect(seen).toHaveLength(1);
    }),
    { numRuns: 8 },
  );
  expect(counts.size).toBe(1);
});

test("what lies too far apart is no pattern", async () => {
  await tell([0, 1], { week: weekOf(MONDAY - 30 * WEEK_MS) });
  await tell([2, 3]);
  expect(await city.incidents()).toEqual([]);
  await tell([4, 5]);
  expect(await city.incidents()).toMatchObject([{ communities: 6 }]);
});

test("taken back below the threshold it is as if it had never been; told again it is the same incident", async () => {
  const ids = await tell([0, 1, 2, 3]);
  const [incident] = await city.incidents();
  await communities[3]?.withdraw(ids[3] ?? "");
  expect(await city.incidents()).toEqual([]);
  expect((await communities[0]?.incidents())?.items).toEqual([]);
  const officer = await city.officer();
  const gone = await officer.refused(cityIncidentEndpoints.get, { params: { id: incident?.id ?? "" } });
  expect(gone.code).toBe("not-found");
  await tell([5]);
  expect(await city.incidents()).toMatchObject([{ id: incident?.id, number: incident?.number }]);
});

test("closed with a finding, it opens again with the next report", async () => {
  await tell([0, 1, 2, 3]);
  const [incident] = await city.incidents();
  const officer = await city.officer();
  const params = { id: incident?.id ?? "" };
  const closed = await officer.call(cityIncidentEndpoints.close, {
    params,
    body: { finding: "seller-found" },
  });
  expect(closed).toMatchObject({ finding: "seller-found", closedAt: city.clock.now() });
  const twice = await officer.refused(cityIncidentEndpoints.close, {
    params,
    body: { finding: "seller-found" },
  });
  expect(twice.code).toBe("conflict");
  expect(await city.incidents()).toEqual([]);
  expect((await communities[0]?.incidents())?.items).toMatchObject([{ state: "closed" }]);
  await officer.call(cityIncidentEndpoints.reopen, { params });
  expect(await city.incidents()).toHaveLength(1);
  await officer.call(cityIncidentEndpoints.close, { params, body: { finding: "not-related" } });
  await tell([4]);
  expect(await city.incidents()).toMatchObject([{ id: incident?.id, communities: 5 }]);
});

test("a community hears how many, from three on, and of its own reports only", async () => {
  const ids = await tell([0, 1, 2, 3]);
  const heard = await communities[1]?.incidents();
  expect(heard?.items).toEqual([
    {
      number: expect.any(Number),
      communities: 4,
      since: expect.any(String),
      state: "open",
      reportIds: [ids[1]],
    },
  ]);
  const text = JSON.stringify(heard);
  for (const { id } of communities) expect(text).not.toContain(id);
  expect((await communities[9]?.incidents())?.items).toEqual([]);
});

test("parts of a trend with one or two communities look alike", async () => {
  await tell([0], { week: weekOf(MONDAY - 16 * WEEK_MS) });
  await tell([1, 2], { week: weekOf(MONDAY - 12 * WEEK_MS) });
  await tell([3, 4, 5]);
  const [incident] = await city.incidents();
  const officer = await city.officer();
  const { trend } = await officer.call(cityIncidentEndpoints.get, { params: { id: incident?.id ?? "" } });
  expect(trend.map(({ communities: n }) => n)).toEqual([undefined, undefined, 0, 0, 3]);
  expect([0, 1, 2, 3, 4].map((n) => shown(n).communities)).toEqual([0, undefined, undefined, 3, 4]);
});

test("patterns are read as they were written, and nothing else is", () => {
  const full = report({ issuer: "works", keyVersion: 3, numberTag: "ab".repeat(32) });
  expect(patternsOf(full)).toEqual(["batch:uid:5c3e", "issue:uid:works:3", `number:${"ab".repeat(32)}`]);
  expect(readPattern("issue:uid:works:")).toEqual({
    ...{ kind: "issue", chip: "uid", issuer: "works", keyVersion: undefined },
  });
  for (const bad of [
    "",
    "batch",
    "batch:uid",
    "batch:uid:5c3e:x",
    "number:a:b",
    "issue:uid:works",
    "x:y:z",
  ]) {
    expect(readPattern(bad), bad).toBeUndefined();
  }
});
