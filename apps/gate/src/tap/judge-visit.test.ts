import { Instant, TimeInterval } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { expect, test } from "vitest";
import { ACCESS_POINT, type TestModelChanges, testDocument, testModel } from "../testing/test-site.ts";
import { judgeVisit } from "./judge-visit.ts";

const START_MS = 1_800_057_600_000;

async function visit(changes: TestModelChanges) {
  let isAdmitted = false;
  const loaded = loadSnapshot(testDocument(testModel([], changes), 1, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const { decision } = await judgeVisit(
    {
      outcome: "visit",
      grade: "D",
      async admit() {
        isAdmitted = true;
        return { reason: { code: "pass-allows" } };
      },
    },
    {
      snapshot: loaded.snapshot,
      place: {
        accessPointId: ACCESS_POINT,
        link: "osdp-own-key",
        lockOnOutdoorReader: false,
        portal: undefined,
      },
      doorState: { mode: "normal", lockdown: 0, fireRelease: false },
      now: TimeInterval(Instant(START_MS), Instant(START_MS)),
    },
    new Uint8Array(16).fill(9),
  );
  return { decision, isAdmitted };
}

test("a visitor's pass opens where it may, and is used up", async () => {
  expect(await visit({})).toEqual({
    decision: { granted: true, reasons: [{ code: "pass-allows" }] },
    isAdmitted: true,
  });
});

test("where a PIN is asked for as well a visitor is told that they have none, and the pass is not used up", async () => {
  expect(await visit({ cardAndPin: true })).toEqual({
    decision: { granted: false, reasons: [{ code: "second-factor-needed", missing: "visitor" }] },
    isAdmitted: false,
  });
});
