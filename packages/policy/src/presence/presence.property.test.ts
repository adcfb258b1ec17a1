import { AreaId, GateId, Holder } from "@menshen/domain";
import { loadDoorStories, storyHolder } from "@menshen/testkit/door-scenarios";
import { accessPointId } from "@menshen/testkit/scenario-world";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileDoorPlan, MOST_AHEAD_MS, makePresence, type PresenceDelta } from "../index.ts";
import { makePresenceBook } from "./book.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const NOW_MS = 1_000_000;
const rules = loadDoorStories()
  .flatMap(({ stories }) => stories)
  .find(({ name }) => name === "a yard contains the persons in the gym behind it")?.rules;
if (rules === undefined) throw new Error("expected the story");
const plan = compileDoorPlan(rules);
const areas = [...new Set(rules.accessPoints.map(({ toAreaId }) => toAreaId))];
const gates = [...new Set(rules.accessPoints.map(({ gateId }) => gateId))];
const [gateId = GateId("")] = gates;

const stamp = { atMs: fc.integer({ min: NOW_MS - 20, max: NOW_MS }), gateId: fc.constantFrom(...gates) };
const delta: fc.Arbitrary<PresenceDelta> = fc.record({
  whereabouts: fc.array(
    fc.record({
      holder: fc.constantFrom(...["li", "wang", "chen"].map(storyHolder)),
      areaId: fc.option(fc.constantFrom(...areas)),
      isStaff: fc.boolean(),
      ...stamp,
    }),
    { maxLength: 6 },
  ),
  corrections: fc.array(
    fc.record({
      areaId: fc.constantFrom(...areas),
      persons: fc.nat(3),
      seenAgain: fc.dictionary(fc.constantFrom(...gates), fc.nat(3)),
      ...stamp,
    }),
    { maxLength: 4 },
  ),
});

function known(deltas: readonly PresenceDelta[]) {
  const presence = makePresence({ gateId, plan, nowMs: NOW_MS });
  for (const each of deltas) expect(presence.receive(each, NOW_MS)).toBe(true);
  const { whereabouts, corrections } = presence.saved().records;
  return {
    whereabouts: whereabouts.toSorted((a, b) => (a.holder < b.holder ? -1 : 1)),
    corrections: corrections.toSorted((a, b) => (a.areaId < b.areaId ? -1 : 1)),
    muster: presence.muster(NOW_MS),
  };
}

describe("what gates tell each other", () => {
  test("may arrive in any order, in any parts and more than once", () => {
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 5 }), fc.infiniteStream(fc.nat()), (deltas, chance) => {
        const order = deltas.map((each) => ({ each, key: chance.next().value ?? 0 }));
        const shuffled = order.sort((a, b) => a.key - b.key).map(({ each }) => each);
        const parts = shuffled.flatMap(({ whereabouts, corrections }) => [
          ...corrections.map((one) => ({ whereabouts: [], corrections: [one] })),
          ...whereabouts.map((one) => ({ whereabouts: [one], corrections: [] })),
        ]);
        const expected = known(deltas);
        expect(known(shuffled)).toEqual(expected);
        expect(known([...parts, ...shuffled])).toEqual(expected);
        expect(known([known(deltas.slice(0, 2)), known(deltas.slice(2))])).toEqual(expected);
      }),
      { numRuns },
    );
  });

  test("whoever leaves is never refused, whatever is believed of them", () => {
    const hard = compileDoorPlan({
      ...rules,
      areas: rules.areas.map((rule) => ({
        ...rule,
        antiPassback: "hard" as const,
        occupancyLimit: 2,
        minimumPersons: 2 as const,
        firstPersonIn: "staff" as const,
        escort: { withinMs: 1_000 },
        whenApart: "refuse" as const,
      })),
    });
    const outward = ["north-out", "south-out", "gym-out", "gym-back-out"].map(accessPointId);
    fc.assert(
      fc.property(
        delta,
        fc.constantFrom(...outward),
        fc.boolean(),
        fc.subarray(gates),
        (each, id, flag, silent) => {
          const presence = makePresence({ gateId, plan: hard, nowMs: NOW_MS });
          presence.receive(each, NOW_MS);
          const { verdict, moves } = presence.judge(
            { accessPointId: id, holder: storyHolder("li"), isStaff: flag, needsEscort: !flag },
            { gateId, silentGates: new Set(silent), isSecure: () => false },
            NOW_MS,
          );
          expect(["admit", "admit-marked"]).toContain(verdict);
          expect(moves).toHaveLength(1);
        },
      ),
      { numRuns },
    );
  });
});

test("a gate further ahead than two hours is not followed", () => {
  const presence = makePresence({ gateId, plan, nowMs: NOW_MS });
  const [areaId = AreaId("")] = areas;
  const from = (atMs: number) => ({
    whereabouts: [{ holder: storyHolder("li"), areaId, isStaff: false, atMs, gateId }],
    corrections: [],
  });
  expect(presence.receive(from(NOW_MS + MOST_AHEAD_MS + 1), NOW_MS)).toBe(false);
  expect(presence.hear(Number.NaN, NOW_MS)).toBe(false);
  expect(presence.whereIs(storyHolder("li"), NOW_MS)).toBeUndefined();
  expect(presence.receive(from(NOW_MS + MOST_AHEAD_MS), NOW_MS)).toBe(true);
  expect(presence.whereIs(storyHolder("li"), NOW_MS)).toBe(areaId);
});

test("a new name keeps the place, and telling it twice or late changes nothing", () => {
  const presence = makePresence({ gateId, plan, nowMs: NOW_MS });
  const tap = { accessPointId: accessPointId("gym-in"), isStaff: false, needsEscort: false };
  presence.pass({ ...tap, holder: storyHolder("li") }, NOW_MS);
  const before = presence.saved().records;
  presence.rename(storyHolder("li"), storyHolder("new"), NOW_MS + 1);
  presence.receive(before, NOW_MS + 2);
  expect(presence.whereIs(storyHolder("li"), NOW_MS + 3)).toBeUndefined();
  expect(presence.whereIs(storyHolder("new"), NOW_MS + 3)).toBe(
    rules.accessPoints.find(({ id }) => id === tap.accessPointId)?.toAreaId,
  );
  expect(presence.muster(NOW_MS + 3).flatMap(({ holders }) => holders)).toEqual([storyHolder("new")]);
});

test("a count out of range is a fault of the caller", () => {
  const presence = makePresence({ gateId, plan, nowMs: NOW_MS });
  for (const persons of [-1, 1.5, 100_001, Number.NaN]) {
    expect(() => presence.setCount(areas[0] ?? AreaId(""), persons, NOW_MS)).toThrow(
      expect.objectContaining({ code: "invalid-count" }),
    );
  }
});

test("beyond the most persons those seen longest ago are forgotten", () => {
  const book = makePresenceBook(160);
  const [areaId = AreaId("")] = areas;
  const holder = (index: number) => Holder(index.toString(16).padStart(16, "0"));
  for (let index = 0; index < 171; index++) {
    book.record(
      {
        whereabouts: [{ holder: holder(index), areaId, isStaff: false, atMs: NOW_MS + index, gateId }],
        corrections: [],
      },
      NOW_MS + index,
      plan.presenceMs,
    );
  }
  expect(book.all().whereabouts).toHaveLength(160);
  expect(book.of(holder(10))).toBeUndefined();
  expect(book.of(holder(11))).toBeDefined();
});
