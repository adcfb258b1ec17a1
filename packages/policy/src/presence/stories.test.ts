import { playDoorStory } from "@menshen/testkit/door-play";
import { loadDoorStories } from "@menshen/testkit/door-scenarios";
import { rulesWorldOf } from "@menshen/testkit/door-site";
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

describe.each(tables)("door stories: $name", ({ stories }) => {
  test.each(stories)("$name", async (story) => {
    const { written, came } = await playDoorStory(story, rulesWorldOf(story));
    expect(came).toEqual(written);
  });
});
