import { loadScenarioTables, type ScenarioTable } from "@menshen/testkit/scenarios";
import { describe, expect, test } from "vitest";
import {
  checkPolicy,
  compileSnapshot,
  decide,
  decideFromModel,
  loadSnapshot,
  type Snapshot,
  snapshotLife,
} from "./index.ts";

const tables = loadScenarioTables();

test("there are as many scenarios as were written", () => {
  expect(tables.length).toBeGreaterThanOrEqual(12);
  expect(tables.flatMap(({ scenarios }) => scenarios).length).toBeGreaterThanOrEqual(250);
});

/** Every reason code that a decision can give on its own, i.e. without the gate's card dialogue and journal. */
test("the tables show every reason", () => {
  const shown = tables.flatMap(({ scenarios }) =>
    scenarios.flatMap(({ expected }) => expected.reasons.map(({ code }) => code)),
  );
  expect([...new Set(shown)].sort()).toEqual([
    "access-point-unknown",
    "credential-blocked",
    "credential-downgraded",
    "credential-expired",
    "credential-kind-mismatch",
    "credential-not-yet-valid",
    "credential-unknown",
    "grade-too-low",
    "lockdown",
    "means-not-allowed",
    "no-rule-for-access-point",
    "outside-schedule",
    "portal-locked",
    "portal-unlocked",
    "rule-allows",
    "rule-expired",
    "rule-not-yet-valid",
    "second-factor-needed",
    "snapshot-outlived",
    "time-uncertain",
  ]);
});

function snapshotsOf({ model, at, until, scenarios }: ScenarioTable): ReadonlyMap<string, Snapshot> {
  const gates = [...new Set(scenarios.map(({ gateId }) => gateId))];
  return new Map(
    gates.map((gateId) => {
      const { accepted, document, violations } = compileSnapshot(model, { gateId, version: 1, at, until });
      expect(violations).toEqual([]);
      expect(accepted).toBe(true);
      const loaded = loadSnapshot(document);
      if (!loaded.ok) throw new Error(`${loaded.error.code} at ${loaded.error.where}`);
      return [gateId, loaded.snapshot] as const;
    }),
  );
}

describe.each(tables)("scenarios: $name", (table) => {
  const snapshots = snapshotsOf(table);
  const { waivers } = checkPolicy(table.model, table);
  const context = { ...snapshotLife(table.at, table.until), waivers };

  test.each(table.scenarios)("$name", (scenario) => {
    const { gateId, presentation, companion, accessPointId, doorState, now, expected } = scenario;
    expect(decide(snapshots.get(gateId), presentation, accessPointId, doorState, now, companion)).toEqual(
      expected,
    );
    expect(
      decideFromModel(table.model, context, presentation, accessPointId, doorState, now, companion),
    ).toEqual(expected);
  });
});
