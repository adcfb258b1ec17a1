import { describe, expect, test } from "vitest";
import { makeDoor } from "../door/door.ts";
import { seededRandom } from "../random.ts";
import { simulatedTimers } from "../simulated-timers.ts";
import { startLife } from "./life.ts";
import { planDay } from "./plan-day.ts";
import { type Habit, type Happening, type Inhabitant, isPresentation, type World } from "./world.ts";

const MONDAY = 0;
const SATURDAY = 5;

function person(key: string, habit: Habit, more: Partial<Inhabitant> = {}): Inhabitant {
  return { key, habit, building: "1", cards: [`card of ${key}`], knowsPin: false, drives: false, ...more };
}

function worldOf(inhabitants: readonly Inhabitant[]): World {
  return {
    inhabitants,
    doors: [
      { key: "north gate", entrance: "north in", kind: "perimeter" },
      { key: "house 1", entrance: "house 1 in", kind: "building", building: "1" },
      { key: "house 2", entrance: "house 2 in", kind: "building", building: "2" },
    ],
    copyableCards: ["card of old"],
  };
}

const CALM = {
  wrongCard: 0,
  pin: 0,
  holdsDoor: 0,
  wrongBuilding: 0,
  foundCardsPerDay: 0,
  copiedCardsPerDay: 0,
  deliveriesPerBuilding: 0,
};

const story = (happenings: readonly Happening[]) => happenings.map(({ kind, door }) => `${kind} ${door}`);

describe("a day", () => {
  test("of somebody with an office: out in the morning, back in the evening by gate and house", () => {
    const day = planDay(worldOf([person("li", "office")]), MONDAY, seededRandom("a"), CALM);
    expect(story(day)).toEqual(["leave house 1", "leave north gate", "card north gate", "card house 1"]);
    const [out, , back] = day;
    expect(out?.minute).toBeGreaterThan(6.5 * 60);
    expect(out?.minute).toBeLessThan(9.2 * 60);
    expect(back?.minute).toBeGreaterThan(16.4 * 60);
  });

  test("comes out the same for the same seed", () => {
    const world = worldOf([person("li", "office"), person("old", "retired"), person("xiao", "pupil")]);
    expect(planDay(world, 9, seededRandom("a"))).toEqual(planDay(world, 9, seededRandom("a")));
    expect(planDay(world, 9, seededRandom("a"))).not.toEqual(planDay(world, 9, seededRandom("b")));
  });

  test("of a family on a Saturday: they come home together", () => {
    const family = ["a", "b", "c"].map((key) => person(key, "office", { household: "1-101" }));
    let together = 0;
    for (let week = 0; week < 20; week++) {
      const day = planDay(worldOf(family), SATURDAY + 7 * week, seededRandom("a"), CALM);
      together += day.filter((happening) => happening.kind === "card" && happening.companions > 0).length;
    }
    expect(together).toBeGreaterThan(10);
  });

  test("people without a card use the keypad if they know a number", () => {
    const world = worldOf([person("li", "office", { cards: [], knowsPin: true })]);
    const day = planDay(world, MONDAY, seededRandom("a"), CALM);
    expect(story(day).filter((line) => line.startsWith("pin"))).toEqual(["pin house 1"]);
  });

  test("has wrong cards, held doors, found and copied cards when they are likely", () => {
    const world = worldOf([person("li", "office"), person("old", "retired")]);
    const likely = { ...CALM, wrongCard: 1, holdsDoor: 1, foundCardsPerDay: 2, copiedCardsPerDay: 2 };
    const day = planDay(world, MONDAY, seededRandom("a"), likely);
    const count = (kind: Happening["kind"]) => day.filter((happening) => happening.kind === kind).length;
    expect(count("found-card")).toBe(2);
    expect(count("copied-card")).toBe(2);
    expect(count("stray-card")).toBe(count("card"));
    expect(day.every((happening) => happening.kind !== "card" || happening.holdMs >= 30_000)).toBe(true);
    expect(day.map(({ minute }) => minute)).toEqual(day.map(({ minute }) => minute).sort((a, b) => a - b));
  });
});

describe("life", () => {
  function live(perMinute: number, firstAfterMs?: number) {
    const timers = simulatedTimers();
    const world = worldOf(Array.from({ length: 40 }, (_, index) => person(`p${index}`, "office")));
    const seen: { readonly atMs: number; readonly happening: Happening }[] = [];
    const random = seededRandom("life");
    const life = startLife({
      timers,
      random,
      planDay: (day) => planDay(world, day, random),
      act: (happening) => seen.push({ atMs: timers.now(), happening }),
      perMinute,
      start: { day: 0, minute: 7 * 60 },
      ...(firstAfterMs === undefined ? {} : { firstAfterMs }),
    });
    return { timers, life, seen };
  }

  test("keeps its pace whatever the simulated hour", () => {
    const { timers, life, seen } = live(30);
    timers.advance(60 * 60_000);
    const presentations = seen.filter(({ happening }) => isPresentation(happening)).length;
    expect(presentations).toBeGreaterThan(30 * 60 * 0.85);
    expect(presentations).toBeLessThan(30 * 60 * 1.15);
    expect(life.moment.day).toBeGreaterThan(5);
  });

  test("begins when it is told to, and goes on by chance", () => {
    const { timers, seen } = live(1, 300);
    timers.advance(299);
    expect(seen.filter(({ happening }) => isPresentation(happening))).toEqual([]);
    timers.advance(1);
    const presentations = seen.filter(({ happening }) => isPresentation(happening));
    expect(presentations.map(({ atMs }) => atMs)).toEqual([300]);
    timers.advance(400);
    expect(seen.filter(({ happening }) => isPresentation(happening))).toHaveLength(1);
  });

  test("lets those who leave in a rush follow one another, so that no door stands open for it", () => {
    const timers = simulatedTimers();
    const world = worldOf(Array.from({ length: 150 }, (_, index) => person(`p${index}`, "office")));
    const stood = new Map<string, number>();
    let longestMs = 0;
    const doors = new Map(
      world.doors.map(({ key }) => {
        const door = makeDoor(timers);
        door.onContact((open) => {
          if (open) stood.set(key, timers.now());
          else longestMs = Math.max(longestMs, timers.now() - (stood.get(key) ?? 0));
        });
        return [key, door] as const;
      }),
    );
    const left: number[] = [];
    const random = seededRandom("rush");
    startLife({
      timers,
      random,
      planDay: (day) => planDay(world, day, random, CALM),
      act({ kind, door }) {
        if (kind === "leave") {
          left.push(timers.now());
          doors.get(door)?.leave();
          return;
        }
        doors.get(door)?.setStrike(true);
        doors.get(door)?.push();
        doors.get(door)?.setStrike(false);
      },
      perMinute: 20,
      start: { day: 0, minute: 7 * 60 },
      firstAfterMs: 300,
    });
    timers.advance(60 * 60_000);
    // All 150 leave by house and gate before the first comes home; both doors would stand open for minutes.
    expect(left.length).toBeGreaterThan(600);
    expect(
      left.filter((atMs, index) => atMs - (left[index - 1] ?? Number.NEGATIVE_INFINITY) < 1_000),
    ).toEqual([]);
    expect(longestMs).toBeGreaterThan(0);
    expect(longestMs).toBeLessThan(20_000);
  });

  test("spreads who leaves between two presentations over the time between", () => {
    const timers = simulatedTimers();
    const seen: string[] = [];
    const at = (minute: number, door: string): Happening => ({ kind: "leave", minute, door, holdMs: 0 });
    startLife({
      timers,
      random: seededRandom("spread"),
      planDay: () => [at(60, "a"), at(75, "b"), { kind: "stray-card", minute: 120, door: "c", seed: "x" }],
      act: ({ door }) => void seen.push(`${Math.round(timers.now())} ${door}`),
      perMinute: 20,
      start: { day: 0, minute: 0 },
      firstAfterMs: 12_000,
    });
    timers.advance(12_000);
    // An hour of the day in six seconds; the second a quarter of an hour, so 1.5 s, later.
    expect(seen).toEqual(["6000 a", "7500 b", "12000 c"]);
  });

  test("pauses at pace 0 and goes on when it is raised", () => {
    const { timers, life, seen } = live(30);
    life.setPace(0);
    timers.advance(600_000);
    expect(seen).toEqual([]);
    life.setPace(60);
    timers.advance(60_000);
    expect(seen.length).toBeGreaterThan(20);
    life.stop();
    const count = seen.length;
    timers.advance(600_000);
    expect(seen.length).toBe(count);
  });
});
