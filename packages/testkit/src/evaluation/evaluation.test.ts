import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CITY_PARAMETERS, seededRandom } from "@menshen/virtual-devices";
import { afterAll, expect, test } from "vitest";
import { evaluateSeed } from "./evaluate-seed.ts";
import { curveOf, reportOf } from "./report.ts";
import { RIVAL_RULES } from "./rivals.ts";
import { openSeedStore } from "./seed-store.ts";
import { rateEstimate, shareEstimate } from "./statistics.ts";
import { classOf } from "./tally.ts";

const HOSTILE = new Set(["reseller", "night", "insider", "careful", "sparse"]);
const directory = mkdtempSync(join(tmpdir(), "menshen-evaluation-"));
afterAll(() => rmSync(directory, { recursive: true }));

// A seed that neither learning nor the report uses; more copies, earlier, so that a small community shows something.
const parameters = { ...CITY_PARAMETERS, hostile: 0.12, copyFirstDay: [20, 35] as const };
const result = evaluateSeed({ seed: "quick-1", cards: 300, days: 70, parameters }, true);
const own = result.runs[0];
if (own === undefined) throw new Error("an evaluation has our own run first");

test("copies of cards that prove themselves are found within three uses, and mere numbers within a month", () => {
  const copies = own.copies.filter(({ attack }) => HOSTILE.has(attack));
  const proof = copies.filter(({ kind }) => classOf(kind) === "proof");
  expect(proof.length).toBeGreaterThan(8);
  expect(proof.filter(({ isFound, uses }) => !isFound || uses > 3)).toEqual([]);
  const numbers = copies.filter(({ kind, attack }) => kind === "uid" && attack !== "careful");
  expect(numbers.length).toBeGreaterThan(8);
  const found = numbers.filter(({ isFound }) => isFound);
  expect(found.length / numbers.length).toBeGreaterThanOrEqual(0.75);
  // What is certain is told at once, not a day later.
  const sequence = proof.filter(({ kind }) => kind === "sequence");
  expect(Math.min(...sequence.map(({ hours }) => hours))).toBeLessThan(1);
});

test("nobody honest is asked about a card that proves itself, and few others", () => {
  expect(own.falseAlarms.proof.alarms).toBeLessThanOrEqual(1);
  expect(own.falseAlarms.number.alarms / own.falseAlarms.number.exposure).toBeLessThan(10);
});

test("rivals' rules on the same events fare worse where they are known to", () => {
  expect(result.runs).toHaveLength(RIVAL_RULES.length + 1);
  const [, travel, passback, lockOut] = result.runs;
  expect(passback?.falseAlarms.number.alarms).toBeGreaterThan(20 * own.falseAlarms.number.alarms + 20);
  expect(lockOut?.falseAlarms.proof.alarms).toBeGreaterThan(20);
  const foundBy = (run: typeof travel) => run?.copies.filter(({ isFound }) => isFound).length ?? 0;
  expect(foundBy(travel)).toBeLessThan(foundBy(own));
});

test("asking later costs false alarms no more, and the report says all of it", () => {
  const alarms = [...result.curve, { times: 1, tally: own }]
    .sort((a, b) => a.times - b.times)
    .map(({ tally }) => tally.falseAlarms.number.alarms);
  expect(alarms).toEqual(alarms.toSorted((a, b) => b - a));
  const runs = [
    { name: "Menshen", tallies: [own] },
    ...RIVAL_RULES.map(({ name }, place) => ({ name, tallies: result.runs.slice(place + 1, place + 2) })),
  ];
  const report = reportOf("quick", { seeds: 1, cards: 300, days: 70 }, runs, seededRandom("x"));
  expect(report).toContain("| – UID only, careful |");
  expect(report).toContain("| counter with lock-out |");
  expect(report).not.toContain("NaN");
  expect(
    curveOf([result])
      .split("\n")
      .filter((line) => line.startsWith("| ")),
  ).toHaveLength(6);
});

test("a finished seed is read again as it was; one of another engine, or half written, is not", () => {
  const store = openSeedStore(directory, "engine-a");
  expect(store.read("quick-1")).toBeUndefined();
  store.write("quick-1", result);
  expect(openSeedStore(directory, "engine-a").read("quick-1")).toEqual(result);
  expect(openSeedStore(directory, "engine-b").read("quick-1")).toBeUndefined();
  expect(readdirSync(join(directory, "engine-a"))).toEqual(["quick-1.json"]);
});

test("intervals hold the published values: Wilson for 400 of 400, Byar for none", () => {
  const all = shareEstimate([{ hits: 400, of: 400 }], seededRandom("x"));
  expect(all.low).toBeCloseTo(0.9905, 3);
  expect(all.high).toBe(1);
  const none = rateEstimate([{ hits: 0, of: 1 }], seededRandom("x"));
  expect(none).toMatchObject({ value: 0, low: 0 });
  expect(none.high).toBeCloseTo(3.69, 1);
});
