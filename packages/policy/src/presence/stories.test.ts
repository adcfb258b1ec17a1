import { type DoorWorld, playDoorStory } from "@menshen/testkit/door-play";
import { DOOR_STORY_START_MS, type DoorStory, loadDoorStories } from "@menshen/testkit/door-scenarios";
import { makeDoorSite } from "@menshen/testkit/door-site";
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

/** The rules alone, at three gates in one process. */
function worldOf({ rules, gates }: DoorStory): DoorWorld {
  const site = makeDoorSite({ rules, gates, startMs: DOOR_STORY_START_MS });
  return {
    ...site,
    advanceTo: (atMs) => site.advance(atMs - site.nowMs()),
    tap({ tap }) {
      const { verdict, reasons, doubleTap } = site.tap(tap);
      return { verdict, reasons, ...(doubleTap === undefined ? {} : { holdForMs: doubleTap.forMs }) };
    },
    occupancy: (gateId, areaId) => site.at(gateId).occupancy(areaId, site.localMs(gateId)),
  };
}

describe.each(tables)("door stories: $name", ({ stories }) => {
  test.each(stories)("$name", async (story) => {
    const { written, came } = await playDoorStory(story, worldOf(story));
    expect(came).toEqual(written);
  });
});
