import { type DoorWorld, playDoorStory } from "@menshen/testkit/door-play";
import { DOOR_STORY_START_MS, type DoorStory, loadDoorStories } from "@menshen/testkit/door-scenarios";
import { afterEach, describe, expect, test } from "vitest";
import type { TestPerson } from "./testing/test-door-documents.ts";
import { makeTestGates, type TapOutcome, type TestGates } from "./testing/test-gates.ts";

/** The stories that the policy package plays by the rules alone, here from the card at the reader to the journal. */
const tables = loadDoorStories();

let gates: TestGates | undefined;
afterEach(() => gates?.stop());

/** Everybody who taps in a story. */
function peopleOf({ steps }: DoorStory): readonly TestPerson[] {
  const taps = steps.filter((step) => step.kind === "tap");
  return [...Map.groupBy(taps, ({ tap }) => tap.holder)].flatMap(([holder, [first, ...others]]) => {
    if (first === undefined) return [];
    const { isStaff, needsEscort } = first.tap;
    const credentials = [...new Set([first, ...others].map(({ credential }) => credential))];
    return [{ holder, isStaff, needsEscort, credentials }];
  });
}

function answerOf({ granted, journaled, reasons, heldForMs }: TapOutcome) {
  const codes = journaled.map(({ code }) => code).filter((code) => code !== "rule-allows");
  expect(codes).toEqual(reasons.map(({ code }) => code));
  const isWaiting = reasons.some(({ code }) => code === "second-person-awaited");
  const refused = isWaiting ? ("wait-for-second" as const) : ("refuse" as const);
  const admitted = reasons.length === 0 ? ("admit" as const) : ("admit-marked" as const);
  return {
    verdict: granted ? admitted : refused,
    reasons,
    ...(heldForMs === undefined ? {} : { holdForMs: heldForMs }),
  };
}

async function worldOf(story: DoorStory): Promise<DoorWorld> {
  const { rules } = story;
  const made = await makeTestGates({
    rules,
    gates: story.gates,
    people: peopleOf(story),
    sensors: new Set(story.steps.flatMap((step) => (step.kind === "passed" ? [step.portalId] : []))),
    startMs: DOOR_STORY_START_MS,
  });
  gates = made;
  return {
    ...made,
    ...made.network,
    tap: async ({ tap, credential }) => answerOf(await made.tap(tap.accessPointId, credential)),
    opened(portalId) {
      made.of(portalId).portal(portalId).contact(true);
      made.of(portalId).portal(portalId).contact(false);
    },
    passed(portalId) {
      made.of(portalId).portal(portalId).passage(true);
      made.of(portalId).portal(portalId).passage(false);
    },
    setOpen: (portalId, isOpen) => made.of(portalId).portal(portalId).contact(isOpen),
    occupancy: (gateId, areaId) => made.at(gateId).room.occupancy(areaId),
  };
}

describe.each(tables)("door stories: $name", ({ stories }) => {
  test.each(stories)("$name", async (story) => {
    const { written, came } = await playDoorStory(story, await worldOf(story));
    expect(came).toEqual(written);
  });
});
