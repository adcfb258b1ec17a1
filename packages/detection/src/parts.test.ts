import { expect, test } from "vitest";
import { Card, HOUR_BINS, KEPT_POINTS, NO_AREA, NO_POINT } from "./card-row.ts";
import { Notebook, type Sign } from "./case.ts";
import { CredentialTable } from "./credential-table.ts";
import { type AccessEvent, type Case, DAILY_RULES, makeDetector, parseDoors, RULES } from "./index.ts";
import { HashedNames, hashName } from "./name-hash.ts";
import { bucketOf, withBucket } from "./rules.ts";

test("a rule's bucket lies where the table of rules says, and moves no other", () => {
  const all = 0xffffffff;
  for (const rule of DAILY_RULES) {
    const { shift, buckets } = RULES[rule];
    for (const bucket of buckets.keys()) {
      expect(withBucket(0, rule, bucket)).toBe((bucket << shift) >>> 0);
      expect(bucketOf(withBucket(all, rule, bucket), rule)).toBe(bucket);
    }
    for (const other of DAILY_RULES) {
      if (other !== rule) expect(bucketOf(withBucket(0, rule, buckets.length - 1), other)).toBe(0);
    }
  }
});

test("a name that is remembered has the hash that it had, however many come in between", () => {
  const names = new HashedNames();
  const name = (index: number) => `${index * 7_919}`.padStart(32, "0");
  const own = { hi: 0, lo: 0 };
  const known = { hi: 0, lo: 0 };
  for (let index = 0; index < 60_000; index++) {
    for (const one of [index, Math.floor(index / 2), index % 100]) {
      hashName(name(one), own);
      names.hash(name(one), known);
      if (known.hi !== own.hi || known.lo !== own.lo) throw new Error(`${name(one)} has another hash`);
    }
  }
  expect(names.byteLength).toBeLessThan(4 * 2 ** 20);
});

test("of a card's signs the newest twelve are kept, the oldest first", () => {
  const notebook = new Notebook(10);
  const sign = (at: number): Sign => ({ rule: "R5", weight: 1, at, gate: "g", accessPoint: "p", inputs: {} });
  expect(notebook.read(1)).toEqual([]);
  for (let at = 1; at <= 31; at++) {
    notebook.write(1, sign(at));
    const first = Math.max(1, at - 11);
    expect(notebook.read(1).map((one) => one.at)).toEqual(
      Array.from({ length: at - first + 1 }, (_, index) => first + index),
    );
  }
});

test("thousands of events of one second come out in one order, whatever the order they came in", () => {
  const parsed = parseDoors({
    version: 1,
    gates: [{ id: "a" }, { id: "b" }],
    accessPoints: [
      { id: "a-in", gate: "a", from: "outside", to: "site" },
      { id: "b-in", gate: "b", from: "outside", to: "site" },
    ],
    walks: [{ a: "a-in", b: "b-in", seconds: 900 }],
  });
  if (!parsed.ok) throw new Error("the doors of this test are faulty");
  const { doors } = parsed;
  const start = Date.UTC(2026, 2, 2);
  const events = Array.from({ length: 5_000 }, (_, index): AccessEvent => {
    const gate = index % 2 === 0 ? "a" : "b";
    const credential = `card ${index % 40}`;
    const at = start + (index % 7);
    return {
      ...{ at, receivedAt: at + 400, gate, accessPoint: `${gate}-in`, credential, kind: "ntag424" },
      // Of card 6 each value comes twice.
      ...{ sequence: Math.floor(index / 2), counter: Math.floor(index / (index % 40 === 6 ? 80 : 40)) },
      result: "granted",
    };
  });
  const run = (inputs: readonly AccessEvent[]) => {
    const cases: Case[] = [];
    const detector = makeDetector({ doors, onCase: (one) => void cases.push(one) });
    for (const one of inputs) detector.take(one);
    detector.finish();
    expect(detector.counts.judged).toBe(events.length);
    return cases;
  };
  const cases = run(events);
  expect(cases.length).toBeGreaterThan(0);
  expect(run(events.toReversed())).toEqual(cases);
  const half = events.length / 2;
  expect(run([...events.slice(half), ...events.slice(0, half)])).toEqual(cases);
});

test("each field of a record keeps what was written, beside all others and the records next to it", () => {
  const table = new CredentialTable(3);
  const card = new Card();
  const fields = {
    ...{ lastAt: 0xfffffff1, today: 0xfffffff2, endedAt: 0xfffffff3, conflictAt: 0xfffffff4 },
    ...{ counterMax: Number.MAX_SAFE_INTEGER, counterAt: 0xfffffff5, counterSeen: 0xfffffff6 },
    ...{ day: 0xfff1, taps: 0xfff2, lastPoint: 0xfff3, meanTaps: 0xfff4, crossings: 0xfff5, alike: 0xfff6 },
    ...{ fingerprint: 0xfff7, answerMean: 0xfff8, caseDay: 0xfff9, dense: 39.5, sparse: 38.25 },
    ...{ todayTaps: 0xf1, activeDays: 0xf2, flags: 0xf3, area: 0xf4, caseStep: 0xf5, keyVersion: 0xf6 },
    answers: 0xf7,
  };
  const fresh = { lastPoint: NO_POINT, area: NO_AREA, counterMax: -1, lastAt: 0, dense: 0, answers: 0 };
  for (const lo of [1, 2, 3]) {
    expect(table.find(7, lo, card)).toBe(true);
    expect(card).toMatchObject(fresh);
    expect(card.point(KEPT_POINTS - 1)).toBe(NO_POINT);
  }
  expect(table.find(7, 4, card)).toBe(false);
  table.find(7, 2, card);
  Object.assign(card, fields);
  for (let hour = 0; hour < HOUR_BINS; hour++) card.setHour(hour, 200 + hour);
  for (let place = 0; place < KEPT_POINTS; place++) {
    card.setPoint(place, 60_000 + place);
    card.setPointTaps(place, 100 + place);
  }
  expect(table.find(7, 2, card)).toBe(true);
  expect(card.record).toBe(1);
  expect(card).toMatchObject(fields);
  for (let hour = 0; hour < HOUR_BINS; hour++) expect(card.hour(hour)).toBe(200 + hour);
  expect(card.fourHours(HOUR_BINS / 4 - 1)).toBe(0xdfdedddc);
  for (let place = 0; place < KEPT_POINTS; place++) {
    expect([card.point(place), card.pointTaps(place)]).toEqual([60_000 + place, 100 + place]);
  }
  for (const lo of [1, 3]) {
    table.find(7, lo, card);
    expect(card).toMatchObject(fresh);
    expect(card.hour(0) + card.hour(HOUR_BINS - 1)).toBe(0);
  }
  expect(table.count).toBe(3);
});
