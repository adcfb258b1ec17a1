import { expect, test } from "vitest";
import { Card, HOUR_BINS, KEPT_POINTS, NO_AREA, NO_POINT } from "./card-row.ts";
import type { Sign } from "./case.ts";
import { CredentialTable } from "./credential-table.ts";
import type { DoorMap } from "./doors.ts";
import { type AccessEvent, type Case, DAILY_RULES, makeDetector, parseDoors, RULES } from "./index.ts";
import { HashedNames, hashName } from "./name-hash.ts";
import { Notebook } from "./notebook.ts";
import { Held } from "./order-buffer.ts";
import { bucketOf, RULE_IDS, withBucket } from "./rules.ts";

function twoGates(): DoorMap {
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
  return parsed.doors;
}

/** At the second access point. */
function heldOf(at: number, sequence = -1): Held {
  return Object.assign(new Held(), { at, sequence, point: 1 });
}

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
  const notebook = new Notebook(twoGates(), 10);
  expect(notebook.read(1)).toEqual([]);
  for (let at = 1; at <= 31; at++) {
    notebook.write(1, heldOf(at), "R5", 1, { seconds: at });
    const first = Math.max(1, at - 11);
    expect(notebook.read(1).map((one) => [one.at, one.inputs])).toEqual(
      Array.from({ length: at - first + 1 }, (_, index) => [first + index, { seconds: first + index }]),
    );
  }
});

test("a sign is read as it was written, whichever of many cards it is of, and a forgotten card's are gone", () => {
  const notebook = new Notebook(twoGates(), 200);
  for (let record = 0; record < 300; record++) {
    notebook.writeHabit(record, heldOf(record), "R8", 0.1, 250);
    notebook.write(record, heldOf(2 ** 41 + record, 7), "R21", 2.5, { seconds: record });
    notebook.writeHabit(record, heldOf(record), "R9", -0.3, 23);
  }
  // The hundred noted first made room.
  expect(notebook.read(99)).toEqual([]);
  const habit = { gate: "b", accessPoint: "b-in" };
  const signsOf = (record: number): Sign[] => [
    { rule: "R8", weight: 0.1, at: record, ...habit, inputs: { tapsToday: 250 } },
    { rule: "R21", weight: 2.5, at: 2 ** 41 + record, ...habit, sequence: 7, inputs: { seconds: record } },
    { rule: "R9", weight: -0.3, at: record, ...habit, inputs: { hour: 23 } },
  ];
  for (let record = 100; record < 300; record++) expect(notebook.read(record)).toEqual(signsOf(record));
  notebook.forget(200);
  expect(notebook.read(200)).toEqual([]);
  notebook.writeHabit(400, heldOf(5), "R10", 1, 4);
  expect(notebook.read(400)).toEqual([{ rule: "R10", weight: 1, at: 5, ...habit, inputs: { hour: 4 } }]);
  expect(notebook.read(100)).toEqual(signsOf(100));
  notebook.clear();
  expect(notebook.read(100)).toEqual([]);
  notebook.writeHabit(100, heldOf(6), "R10", 1, 0);
  expect(notebook.read(100).map(({ at }) => at)).toEqual([6]);
});

test("each rule has a number of its own, small enough for a row", () => {
  expect([...RULE_IDS].sort()).toEqual(Object.keys(RULES).sort());
  expect(RULE_IDS.length).toBeLessThan(256);
});

test("thousands of events of one second come out in one order, whatever the order they came in", () => {
  const doors = twoGates();
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
