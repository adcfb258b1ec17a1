import { expect, test } from "vitest";
import {
  type AccessEvent,
  type Case,
  type DetectionInput,
  makeDetector,
  type OnceRuleId,
  parseDoors,
} from "./index.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const MORNING = Date.UTC(2026, 2, 2);
const HOUSES = ["a", "b", "c"];
const parsed = parseDoors({
  version: 1,
  gates: [{ id: "fence" }, { id: "far" }, ...HOUSES.map((id) => ({ id }))],
  accessPoints: [
    { id: "fence-in", gate: "fence", from: "outside", to: "site" },
    { id: "fence-out", gate: "fence", from: "site", to: "outside" },
    { id: "far-in", gate: "far", from: "outside", to: "other" },
    ...HOUSES.map((id) => ({ id: `${id}-in`, gate: id, from: "site", to: `house-${id}` })),
  ],
  walks: [{ a: "fence-in", b: "a-in", seconds: 4_000 }],
});
if (!parsed.ok) throw new Error("the doors of this test are faulty");
const { doors } = parsed;

const numbers = new Map<string, number>();
function tap(at: number, point: string, more: Partial<AccessEvent> = {}): AccessEvent {
  const gate = point.split("-")[0] ?? "";
  const sequence = (numbers.get(gate) ?? 0) + 1;
  numbers.set(gate, sequence);
  const base = { at, receivedAt: at + 500, gate, accessPoint: point, credential: "card", kind: "uid" };
  return { ...base, sequence, result: "granted", ...more };
}

function run(inputs: readonly DetectionInput[]) {
  const cases: Case[] = [];
  const once: { rule: OnceRuleId; credential: string }[] = [];
  const days: { day: number; today: number }[] = [];
  const detector = makeDetector({
    doors,
    onCase: (found) => cases.push(found),
    onOnce: (rule, credential) => once.push({ rule, credential }),
    onDay: (day) => days.push(day),
  });
  for (const input of inputs) detector.take(input);
  detector.finish();
  return { cases, once, days, detector };
}

const rulesOf = (cases: readonly Case[]) =>
  new Set(cases.flatMap(({ signs }) => signs.map(({ rule }) => rule)));

test("R3: a step far beyond what cards of a kind make is told, unless its values come within ten minutes", () => {
  const rising = [5, 6, 7].map((counter) => tap(MORNING + counter * 60 * MINUTE, "a-in", { counter }));
  const jump = tap(MORNING + 10 * 60 * MINUTE, "a-in", { counter: 40 });
  const between = Array.from({ length: 32 }, (_, index) =>
    tap(MORNING + 601 * MINUTE + index * 10_000, "b-in", { counter: 8 + index }),
  );
  expect(run([...rising, jump]).once).toEqual([{ rule: "R3", credential: "card" }]);
  expect(run([...rising, jump, ...between]).once.filter(({ rule }) => rule === "R3")).toEqual([]);
});

test("R3: steps that telephones make all the time are no sign", () => {
  const inputs = Array.from({ length: 8_000 }, (_, index) =>
    tap(MORNING + index * 2 * MINUTE, "a-in", {
      kind: "ntag424",
      credential: `card-${index % 40}`,
      counter: 100 + Math.floor(index / 40) * (index % 40 === 0 ? 12 : 1),
    }),
  );
  const { once } = run(inputs);
  // Until five thousand steps are known only those beyond fifteen count; behind that twelve is usual here.
  expect(once).toEqual([]);
});

test("R4: a wrong key is not forgotten because the owner answers rightly on other days", () => {
  const wrong = (day: number) =>
    tap(MORNING + day * DAY, "fence-in", { kind: "desfire", result: "refused", failure: "wrong-key" });
  const right = (day: number) => tap(MORNING + day * DAY, "a-in", { kind: "desfire", counter: 10 + day });
  const { cases } = run([wrong(0), ...[1, 2, 3, 4, 5].map(right), wrong(6)]);
  expect(cases.at(-1)).toMatchObject({ step: "second-factor", at: MORNING + 6 * DAY });
});

test("R5: six cards that were faster than the map says make the map wrong there; one card does not", () => {
  const walker = (name: string, day: number) => [
    tap(MORNING + day * DAY, "fence-in", { credential: name }),
    tap(MORNING + day * DAY + 5 * MINUTE, "a-in", { credential: name }),
  ];
  const known = Array.from({ length: 9 }, (_, day) => walker(`walker-${day}`, day)).flat();
  const late = run([
    ...known,
    ...walker("late", 10),
    tap(MORNING + 11 * DAY, "a-in", { credential: "late" }),
  ]);
  const alone = Array.from({ length: 10 }, (_, day) => walker("alone", day)).flat();
  const tooFast = (days: readonly { today: number }[]) => days.map(({ today }) => (today >>> 2) & 3);
  expect(tooFast(late.days).at(-1)).toBe(0);
  expect(tooFast(run(alone).days).every((bucket) => bucket > 0)).toBe(true);
});

test("R15: three confirmed copies of a batch are held against its other cards, once each and not for sure", () => {
  const cards = Array.from({ length: 6 }, (_, index) =>
    tap(MORNING + index * MINUTE, "a-in", { credential: `card-${index}`, batch: "2024-03" }),
  );
  const copied = (index: number) => ({
    report: "copied" as const,
    credential: `card-${index}`,
    at: MORNING + 60 * MINUTE,
    batch: "2024-03",
  });
  const later = [5, 5].map((index, times) =>
    tap(MORNING + (120 + times) * MINUTE, "a-in", { credential: `card-${index}`, batch: "2024-03" }),
  );
  const other = tap(MORNING + 130 * MINUTE, "a-in", { credential: "other", batch: "2025-01" });
  expect(run([...cards, copied(0), copied(1), ...later, other]).once).toEqual([]);
  const { once, cases } = run([...cards, copied(0), copied(1), copied(2), ...later, other]);
  expect(once).toEqual([{ rule: "R15", credential: "card-5" }]);
  expect(cases).toEqual([]);
});

test("R19: a card that keeps to one building is held to it; one that goes from house to house is not", () => {
  const home = Array.from({ length: 20 }, (_, day) => tap(MORNING + day * DAY, "a-in"));
  const strange = [tap(MORNING + 20 * DAY, "b-in"), tap(MORNING + 20 * DAY + 20 * MINUTE, "c-in")];
  const found = run([...home, ...strange]).cases;
  expect(found.at(-1)?.step).toBe("ask");
  expect(rulesOf(found)).toContain("R19");
  const rounds = Array.from({ length: 20 }, (_, index) =>
    tap(MORNING + index * DAY, `${HOUSES[index % 2]}-in`),
  );
  const stranger = [tap(MORNING + 20 * DAY, "c-in"), tap(MORNING + 21 * DAY, "c-in")];
  const buildings = ({ today }: { today: number }) => (today >>> 17) & 3;
  expect(
    run([...home, ...strange])
      .days.map(buildings)
      .slice(0, -1),
  ).toEqual(Array(19).fill(0));
  expect(run([...rounds, ...stranger]).days.map(buildings)).toEqual(Array(21).fill(0));
});

test("R20: a chip that answers in another time is told when it does so twice", () => {
  const answer = (index: number, responseMicros: number) =>
    tap(MORNING + index * 60 * MINUTE, "a-in", { responseMicros });
  const usual = Array.from({ length: 15 }, (_, index) => answer(index, 40_000 + (index % 5) * 500));
  expect(run([...usual, answer(15, 90_000), answer(16, 40_000)]).once).toEqual([]);
  expect(run([...usual, answer(15, 90_000), answer(16, 88_000)]).once).toEqual([
    { rule: "R20", credential: "card" },
  ]);
});

test("R21: a number seen in another community at nearly the same time is told, before or behind; hours apart it is not", () => {
  const elsewhere = (minute: number) => ({
    report: "elsewhere" as const,
    credential: "card",
    at: MORNING + minute * MINUTE,
  });
  const here = tap(MORNING, "a-in");
  for (const minute of [-4, 4]) {
    expect(run([elsewhere(minute), here]).once).toEqual([{ rule: "R21", credential: "card" }]);
  }
  expect(run([elsewhere(-90), here, elsewhere(90)]).once).toEqual([]);
});

test("cases come out in the order of their times, though a gap is found behind what came after it", () => {
  const inputs = [
    tap(MORNING, "a-in", { credential: "x", counter: 1 }),
    tap(MORNING + MINUTE, "a-in", { credential: "x", counter: 60 }),
    tap(MORNING + 2 * MINUTE, "a-in", { credential: "y", counter: 4 }),
    tap(MORNING + 3 * MINUTE, "b-in", { credential: "y", counter: 4 }),
  ];
  const { cases } = run([...inputs, tap(MORNING + 60 * MINUTE, "a-in", { credential: "z" })]);
  expect(cases.map(({ credential }) => credential)).toEqual(["x", "y"]);
});
