import { seededRandom, simulateCommunity } from "@menshen/virtual-devices";
import { expect, test } from "vitest";
import {
  type AccessEvent,
  type Case,
  DetectionError,
  type DetectionInput,
  type GateNotice,
  makeDetector,
  parseDoors,
  type Settings,
} from "./index.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Monday, 2 March 2026, eight in the morning in China. */
const MORNING = Date.UTC(2026, 2, 2);
const parsed = parseDoors({
  version: 1,
  utcOffsetMinutes: 480,
  gates: [{ id: "east" }, { id: "west" }, { id: "house" }],
  accessPoints: [
    { id: "east-in", gate: "east", from: "outside", to: "site" },
    { id: "east-out", gate: "east", from: "site", to: "outside" },
    { id: "west-in", gate: "west", from: "outside", to: "site" },
    { id: "house-in", gate: "house", from: "site", to: "house" },
  ],
  walks: [
    { a: "east-in", b: "west-in", seconds: 600 },
    { a: "east-in", b: "house-in", seconds: 120 },
  ],
});
if (!parsed.ok) throw new Error("the doors of this test are faulty");
const { doors } = parsed;

let number = 0;
function tap(at: number, point: string, more: Partial<AccessEvent> = {}): AccessEvent {
  number++;
  const gate = point.split("-")[0] ?? "";
  const base = { at, receivedAt: at + 500, gate, accessPoint: point, credential: "card", kind: "uid" };
  return { ...base, sequence: number, result: "granted", ...more };
}

function run(inputs: readonly DetectionInput[], settings: Partial<Settings> = {}, map = doors) {
  const cases: Case[] = [];
  const early: Case[] = [];
  const notices: GateNotice[] = [];
  const detector = makeDetector({
    doors: map,
    settings,
    onCase: (one) => cases.push(one),
    onEarly: (one) => early.push(one),
    onNotice: (one) => notices.push(one),
  });
  for (const input of inputs) detector.take(input);
  detector.finish();
  return { cases, early, notices, detector };
}

test("R1: a counter value that comes twice is a copy's, and the case says by what it knows", () => {
  const { cases } = run([
    tap(MORNING, "east-in", { counter: 41 }),
    tap(MORNING + 10 * MINUTE, "east-out", { counter: 42 }),
    tap(MORNING + DAY, "west-in", { counter: 42 }),
  ]);
  expect(cases).toHaveLength(1);
  expect(cases[0]).toMatchObject({ credential: "card", step: "replace", at: MORNING + DAY });
  expect(cases[0]?.signs.at(-1)).toMatchObject({
    rule: "R1",
    gate: "west",
    accessPoint: "west-in",
    inputs: { behind: 0 },
  });
});

test("a torn write may repeat its value once, not twice", () => {
  const torn = [
    tap(MORNING, "east-in", { counter: 41, torn: true }),
    tap(MORNING + MINUTE, "house-in", { counter: 41 }),
  ];
  expect(run(torn).cases).toEqual([]);
  expect(run([...torn, tap(MORNING + DAY, "house-in", { counter: 41 })]).cases).toHaveLength(1);
});

test("a value that comes late because a clock is wrong is none; hours late it is a branch (R2)", () => {
  const skipping = (minutes: number) => [
    tap(MORNING, "east-in", { counter: 10 }),
    tap(MORNING + 5 * MINUTE, "west-in", { counter: 12 }),
    tap(MORNING + (5 + minutes) * MINUTE, "house-in", { counter: 11 }),
  ];
  expect(run(skipping(30)).cases).toEqual([]);
  expect(run(skipping(300)).cases[0]?.signs.at(-1)).toMatchObject({
    rule: "R2",
    inputs: { seconds: 18_000 },
  });
});

test("R4: wrong keys under a known number are told within three uses; a genuine card that fails once is not", () => {
  const wrong = (minute: number) =>
    tap(MORNING + minute * MINUTE, "east-in", { kind: "desfire", result: "refused", failure: "wrong-key" });
  expect(run([wrong(1)]).cases.filter(({ step }) => step !== "watch")).toEqual([]);
  expect(run([wrong(1), wrong(2)]).cases.at(-1)).toMatchObject({
    step: "second-factor",
    at: MORNING + 2 * MINUTE,
  });
});

test("R13: a card used behind its loss report is a person's matter at once, and proves no copy", () => {
  const { cases } = run([
    tap(MORNING, "east-in"),
    { report: "lost", credential: "card", at: MORNING + DAY },
    tap(MORNING + DAY + 5 * MINUTE, "house-in"),
    tap(MORNING + DAY + 60 * MINUTE, "house-in"),
  ]);
  expect(cases).toHaveLength(1);
  expect(cases[0]).toMatchObject({ step: "refuse-by-person", at: MORNING + DAY + 60 * MINUTE });
  expect(cases[0]?.probability).toBeLessThan(0.1);
});

test("R13: a lost card that a gate refuses is asked about once, and a card that is blocked for anything else is not", () => {
  const refused = (minute: number, failure: "ended" | "blocked") =>
    tap(MORNING + minute * MINUTE, "house-in", { result: "refused", failure });
  const { cases } = run([refused(1, "ended"), refused(2, "ended"), refused(60, "ended")]);
  expect(cases).toHaveLength(1);
  expect(cases[0]).toMatchObject({
    step: "ask",
    at: MORNING + MINUTE,
    signs: [{ rule: "R13", accessPoint: "house-in", inputs: { refusedByGate: 1 } }],
  });
  expect(cases[0]?.probability).toBeLessThan(0.1);
  expect(run([refused(1, "blocked"), refused(2, "blocked")]).cases).toEqual([]);
});

test("D8: no step is a lock-out, whatever behaviour says", () => {
  const taps = Array.from({ length: 30 }, (_, day) => [
    tap(MORNING + day * DAY, "east-in"),
    tap(MORNING + day * DAY + 2_000, "west-in"),
    tap(MORNING + day * DAY + 300 * MINUTE, "east-in"),
    tap(MORNING + day * DAY + 400 * MINUTE, "east-out"),
    tap(MORNING + day * DAY + 500 * MINUTE, "east-out"),
  ]).flat();
  const { cases } = run(taps);
  expect(new Set(cases.map(({ step }) => step))).toEqual(new Set(["watch", "ask", "second-factor"]));
  expect(cases.some(({ signs }) => signs.some(({ rule }) => rule === "R5"))).toBe(true);
});

test("many different strangers at one gate in a minute are told of the gate, not of cards", () => {
  const strangers = Array.from({ length: 20 }, (_, index) =>
    tap(MORNING + index * 1_000, "east-in", {
      credential: `stranger-${index}`,
      result: "refused",
      failure: "unknown",
    }),
  );
  const { notices, detector } = run(strangers);
  expect(notices).toMatchObject([{ notice: "strangers", gate: "east" }]);
  expect(detector.credentials).toBe(0);
});

test("duplicates, unknown doors, times of the future and of long ago are counted, and judge nobody", () => {
  const first = tap(MORNING, "east-in");
  const { detector, cases } = run([
    first,
    { ...first, receivedAt: MORNING + 9_000 },
    tap(MORNING + MINUTE, "north-in"),
    tap(MORNING + 40 * DAY, "house-in"),
    tap(MORNING + 2 * MINUTE, "house-in"),
    tap(MORNING - 30 * DAY, "east-in", { receivedAt: MORNING + 3 * MINUTE }),
    tap(MORNING + 300 * MINUTE, "west-in", { receivedAt: MORNING + 4 * MINUTE }),
  ]);
  expect(detector.counts).toMatchObject({
    taken: 7,
    judged: 3,
    duplicates: 1,
    unknownDoors: 1,
    unconfirmed: 1,
    tooLate: 1,
    ahead: 1,
  });
  expect(cases).toEqual([]);
});

test("a clock that jumps and a gate that was restored are recognised", () => {
  const events = [
    tap(MORNING, "east-in", { sequence: 100 }),
    tap(MORNING + 1_800_000, "east-in", { sequence: 101, receivedAt: MORNING + 60_000 }),
    tap(MORNING + 3_600_000, "west-in", { sequence: 50 }),
    tap(MORNING + 7_200_000, "west-in", { sequence: 50, credential: "other" }),
  ];
  const states = run(events).detector.gateStates();
  expect(states[0]).toMatchObject({ gate: "east", jumps: 1 });
  expect(states[1]).toMatchObject({ gate: "west", outOfOrder: 1 });
});

test("a card that goes on being used ten thousand times takes one record", () => {
  const detector = makeDetector({ doors, onCase: () => undefined });
  for (let index = 0; index < 10_000; index++) detector.take(tap(MORNING + index * 30_000, "east-in"));
  detector.finish();
  expect(detector.credentials).toBe(1);
});

test("settings outside their limits are a fault of the caller", () => {
  const make = () => makeDetector({ doors, settings: { prior: 2 }, onCase: () => undefined });
  expect(make).toThrow(DetectionError);
});

test("a card of a gate whose clock stands before 2020 is one card", () => {
  const detector = makeDetector({ doors, onCase: () => undefined });
  for (let index = 0; index < 50; index++) {
    detector.take(tap(index * 3_600_000, index % 2 === 0 ? "east-in" : "east-out"));
  }
  detector.finish();
  expect(detector.counts.judged).toBe(50);
  expect(detector.credentials).toBe(1);
});

test("the same cases come out whatever order events arrive in, within the lateness bound", () => {
  const city = simulateCommunity({ seed: "order", cards: 60, days: 50 });
  const map = parseDoors(city.doors);
  if (!map.ok) throw new Error("the doors of the city are faulty");
  const expected = run(city.events, { lateHours: 30 }, map.doors).cases;
  expect(expected.length).toBeGreaterThan(3);
  const named = new Set(expected.map(({ credential }) => credential));
  for (const seed of ["a", "b", "c"]) {
    const random = seededRandom(seed);
    // Each event up to four hours later than it came; receipts stay what they are.
    const shuffled = city.events
      .map((event) => ({ event, order: event.receivedAt + random.next() * 4 * 3_600_000 }))
      .sort((a, b) => a.order - b.order)
      .map(({ event }) => event);
    const { cases, early } = run(shuffled, { lateHours: 30 }, map.doors);
    expect(cases).toEqual(expected);
    // What is told at once is told again in order, whatever the order of arrival let the engine say at once.
    expect(early.length).toBeGreaterThan(0);
    expect(early.filter(({ credential }) => !named.has(credential))).toEqual([]);
  }
});
