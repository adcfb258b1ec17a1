import { type AreaRule, parseAreaRule, parsePortalRule } from "@menshen/domain";
import { loadScenarioTables } from "@menshen/testkit/scenarios";
import { expect, test } from "vitest";
import { checkDoorRules } from "./index.ts";

// Paths of the world's residents: street, yard, lobby. Gym and garage hang off the yard; only the gym's door has no reader inside.
const [table] = loadScenarioTables();
if (table === undefined) throw new Error("expected a table");
const { model, at, until } = table;

const areaOf = (accessPoint: string, side: "fromAreaId" | "toAreaId" = "toAreaId") => {
  const found = model.accessPoints.find((each) => "name" in each && each.name === accessPoint);
  if (found === undefined) throw new Error(`no access point ${accessPoint}`);
  return found[side];
};
const portalOf = (accessPoint: string) =>
  model.accessPoints.find((each) => "name" in each && each.name === accessPoint)?.portalId;

function rule(accessPoint: string, fields: object): AreaRule {
  return parseAreaRule({
    areaId: areaOf(accessPoint),
    antiPassback: "off",
    countsOnlyConfirmed: false,
    whenApart: "admit",
    ...fields,
  });
}

const check = (areas: readonly AreaRule[], portals: readonly object[] = []) =>
  checkDoorRules(model, { areas, portals: portals.map(parsePortalRule), at, until }).map((fault) =>
    fault.code === "only-path"
      ? [fault.code, fault.violation.direction, fault.violation.problem]
      : [fault.code],
  );

test.each([
  { antiPassback: "hard" },
  { antiPassback: "timed", timedMs: 600_001 },
  { firstPersonIn: "staff" },
  { escort: { withinMs: 10_000 } },
])("no resident's only path through the yard is held by %o", (fields) => {
  const faults = check([rule("north-in", fields)]);
  expect(faults).toContainEqual(["only-path", "in", "no-way"]);
  expect(faults).not.toContainEqual(["only-path", "out", "no-way"]);
});

test("limits need a reader on the way out and no resident's path", () => {
  const faults = check([rule("north-in", { occupancyLimit: 40 })]);
  expect(faults).toContainEqual(["exit-unseen"]);
  expect(faults).toContainEqual(["only-path", "in", "no-way"]);
});

test("a portal for two persons on the way home is refused, one of the staff room is not", () => {
  const two = { twoPersonRule: { withinMs: 10_000 } };
  expect(check([], [{ portalId: portalOf("door-1-in"), ...two }])).toEqual([["only-path", "in", "no-way"]]);
  expect(check([], [{ portalId: portalOf("plant-in"), ...two }])).toEqual([]);
});

test("a second gate into the same area that is held too is no other path, one that is free is", () => {
  const two = { twoPersonRule: { withinMs: 10_000 } };
  const north = { portalId: portalOf("north-in"), ...two };
  const side = { portalId: portalOf("side-in"), ...two };
  expect(check([], [north])).toEqual([]);
  expect(check([], [north, side])).toContainEqual(["only-path", "in", "no-way"]);
});

test.each([
  { antiPassback: "soft" },
  { antiPassback: "timed", timedMs: 600_000 },
  { antiPassback: "off", countsOnlyConfirmed: true, whenApart: "refuse" },
])("free on every path: %o", (fields) => {
  expect(check([rule("north-in", fields), rule("door-1-in", fields)])).toEqual([]);
});

test("an area off the residents' path may be hard once its exits are seen", () => {
  expect(check([rule("gym-in", { antiPassback: "hard" })])).toEqual([["exit-unseen"]]);
  const [entry] = model.accessPoints.filter(({ toAreaId }) => toAreaId === areaOf("gym-in"));
  if (entry === undefined) throw new Error("no gym");
  const way = model.accessPoints.find(({ toAreaId }) => toAreaId === areaOf("garage-in"));
  if (way === undefined) throw new Error("no garage");
  const seen = {
    ...model,
    accessPoints: [
      ...model.accessPoints,
      { ...entry, id: way.id, fromAreaId: entry.toAreaId, toAreaId: entry.fromAreaId },
    ].filter((each) => each !== way),
  };
  const areas = [rule("gym-in", { antiPassback: "hard", occupancyLimit: 10 })];
  expect(checkDoorRules(seen, { areas, portals: [], at, until })).toEqual([]);
});

test("the street has no rule", () => {
  const street = { ...rule("north-in", { antiPassback: "soft" }), areaId: model.outsideAreaId };
  expect(checkDoorRules(model, { areas: [street], portals: [], at, until })).toEqual([
    { code: "rule-of-outside", areaId: model.outsideAreaId },
  ]);
});
