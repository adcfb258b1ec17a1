import { type DoorState, Instant, type PortalId, TimeInterval } from "@menshen/domain";
import { loadScenarioTables } from "@menshen/testkit/scenarios";
import { describe, expect, test } from "vitest";
import { compileSnapshot, decide, isPortalUnlocked, loadSnapshot, nextScheduleChange } from "./index.ts";

// The world of the scenario tables: the side gate stands unlocked on Saturdays and Sundays from 07:00 to 11:00.
const table = loadScenarioTables().find(({ name }) => name === "doors");
const scenario = table?.scenarios.find(
  ({ name }) => name === "the market gate stands open on a Saturday morning",
);
if (table === undefined || scenario === undefined) throw new Error("no scenario table");
const compiled = compileSnapshot(table.model, { ...table, gateId: scenario.gateId, version: 1 });
const loaded = loadSnapshot(compiled.document);
if (!loaded.ok) throw new Error(loaded.error.where);
const { snapshot } = loaded;
const portalOf = (accessPointId: string) =>
  snapshot.accessPoints.find(({ id }) => id === accessPointId)?.portalId ?? ("" as PortalId);
const side = portalOf(scenario.accessPointId);
const north = portalOf(
  table.scenarios.find(({ name }) => name === "held open for a stranger")?.accessPointId ?? "",
);

const instant = (text: string) => Instant(Date.parse(`${text}+08:00`));
const at = (text: string, until = text) => TimeInterval(instant(text), instant(until));
const normal: DoorState = { mode: "normal", lockdown: 0, fireRelease: false };
const saturday = at("2026-11-28T08:00");

describe("isPortalUnlocked", () => {
  test.each<[string, boolean, PortalId, Partial<DoorState>, TimeInterval]>([
    ["in its hours", true, side, {}, saturday],
    ["from its first moment", true, side, {}, at("2026-11-28T07:00")],
    ["not a moment before", false, side, {}, at("2026-11-28T06:59:59.999")],
    ["not at its end", false, side, {}, at("2026-11-28T11:00")],
    ["not in doubt over an edge", false, side, {}, at("2026-11-28T06:59:59", "2026-11-28T07:00:01")],
    ["not after the snapshot's life", false, side, {}, at("2027-12-04T08:00")],
    ["not with a clock behind the snapshot", false, side, {}, at("2026-11-14T08:00")],
    ["not when locked", false, side, { mode: "locked" }, saturday],
    ["not in lockdown", false, side, { lockdown: 1 }, saturday],
    ["a door without a schedule is not", false, north, {}, saturday],
    ["when held open", true, north, { mode: "held-open" }, saturday],
    ["not when held open in lockdown", false, north, { mode: "held-open", lockdown: 1 }, saturday],
    ["in fire, whatever else", true, north, { mode: "locked", lockdown: 3, fireRelease: true }, saturday],
  ])("%s", (_name, expected, portalId, state, now) => {
    expect(isPortalUnlocked(snapshot, portalId, { ...normal, ...state }, now)).toBe(expected);
  });

  test("without a snapshot, modes and fire still count", () => {
    expect(isPortalUnlocked(undefined, side, normal, saturday)).toBe(false);
    expect(isPortalUnlocked(undefined, side, { ...normal, mode: "held-open" }, saturday)).toBe(true);
    expect(isPortalUnlocked(undefined, side, { ...normal, fireRelease: true }, saturday)).toBe(true);
  });

  test("a portal of another gate has no schedule here", () => {
    expect(
      isPortalUnlocked(snapshot, "00000000-0000-4000-8000-000000000000" as PortalId, normal, saturday),
    ).toBe(false);
  });
});

describe("nextScheduleChange", () => {
  test.each([
    ["in the week: the opening", "2026-11-25T12:00", "2026-11-28T07:00"],
    ["at the opening: the closing", "2026-11-28T07:00", "2026-11-28T11:00"],
    ["just before the closing", "2026-11-28T10:59:59.999", "2026-11-28T11:00"],
    ["at the closing: the next opening", "2026-11-28T11:00", "2026-11-29T07:00"],
    ["before the snapshot: its first opening", "2025-01-01T00:00", "2026-11-21T07:00"],
  ])("%s", (_name, after, expected) => {
    expect(nextScheduleChange(snapshot, side, instant(after))).toBe(instant(expected));
  });

  test("none that is known", () => {
    expect(nextScheduleChange(snapshot, side, instant("2027-11-28T11:00"))).toBeUndefined();
    expect(nextScheduleChange(snapshot, side, instant("2028-01-01T00:00"))).toBeUndefined();
    expect(nextScheduleChange(snapshot, north, instant("2026-11-25T12:00"))).toBeUndefined();
  });
});

describe("decide without a snapshot", () => {
  const tap = (state: Partial<DoorState>) =>
    decide(undefined, scenario.presentation, scenario.accessPointId, { ...normal, ...state }, saturday);

  test.each<[Partial<DoorState>, ReturnType<typeof tap>]>([
    [{}, { granted: false, reasons: [{ code: "no-snapshot" }] }],
    [{ mode: "locked" }, { granted: false, reasons: [{ code: "portal-locked" }, { code: "no-snapshot" }] }],
    [{ lockdown: 2 }, { granted: false, reasons: [{ code: "lockdown", level: 2 }, { code: "no-snapshot" }] }],
    [{ mode: "held-open" }, { granted: true, reasons: [{ code: "portal-unlocked", cause: "held-open" }] }],
    [{ fireRelease: true }, { granted: true, reasons: [{ code: "portal-unlocked", cause: "fire-release" }] }],
  ])("%o", (state, expected) => {
    expect(tap(state)).toEqual(expected);
  });
});

test("a snapshot says what its gate must know of its doors", () => {
  expect(snapshot.portals).toHaveLength(6);
  expect(snapshot.portals[0]).toMatchObject({ unlockMs: 5_000, heldOpenLimitMs: 30_000 });
  expect(snapshot.accessPoints.find(({ id }) => id === scenario.accessPointId)).toEqual({
    id: scenario.accessPointId,
    portalId: side,
    minimumGrade: "D",
    pinUse: "second",
  });
  expect({ version: snapshot.version, gateId: snapshot.gateId, timeZone: snapshot.timeZone }).toEqual({
    version: 1,
    gateId: scenario.gateId,
    timeZone: "Asia/Shanghai",
  });
  expect([snapshot.from, snapshot.until]).toEqual([instant("2026-11-21T00:00"), instant("2027-12-01T00:00")]);
});
