import { DOOR_STORY_START_MS, type DoorStep, loadDoorStories } from "@menshen/testkit/door-scenarios";
import { type DoorSite, makeDoorSite } from "@menshen/testkit/door-site";
import { describe, expect, test } from "vitest";

const tables = loadDoorStories();

test("there are as many stories as were written, and they show every reason of door rules", () => {
  const stories = tables.flatMap((table) => table.stories);
  expect(stories.length).toBeGreaterThanOrEqual(40);
  const shown = stories.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === "tap" ? step.expected.reasons.map(({ code }) => code) : [])),
  );
  expect([...new Set(shown)].sort()).toEqual([
    "anti-passback",
    "anti-passback-noted",
    "area-full",
    "door-rule-waived",
    "escort-missing",
    "first-person-missing",
    "gates-apart",
    "interlock",
    "person-left-alone",
    "second-person-awaited",
  ]);
});

function play(site: DoorSite, step: DoorStep): void {
  switch (step.kind) {
    case "tap": {
      const { verdict, reasons, doubleTap } = site.tap(step.tap);
      expect({ verdict, reasons, holdForMs: doubleTap?.forMs }).toEqual({
        holdForMs: undefined,
        ...step.expected,
      });
      return;
    }
    case "opened":
      site.opened(step.portalId);
      return;
    case "stands-open":
      site.setOpen(step.portalId, step.isOpen);
      return;
    case "split":
      site.split(step.groups);
      return;
    case "heal":
      site.heal();
      return;
    case "restart":
      site.restart(step.gateId, step.keepsRecords);
      return;
    case "forgive":
      site.forgive(step.gateId, step.holder);
      return;
    case "set-count":
      site.setCount(step.gateId, step.areaId, step.persons);
      return;
    case "inside":
      for (const gateId of step.gateIds) {
        expect(site.at(gateId).occupancy(step.areaId, site.localMs(gateId))).toBe(step.persons);
      }
  }
}

describe.each(tables)("door stories: $name", ({ stories }) => {
  test.each(stories)("$name", ({ rules, gates, steps }) => {
    const site = makeDoorSite({ rules, gates, startMs: DOOR_STORY_START_MS });
    for (const step of steps) {
      site.advance(DOOR_STORY_START_MS + step.atMs - site.nowMs());
      play(site, step);
    }
  });
});
