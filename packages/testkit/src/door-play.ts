import type { AreaId, GateId, Holder, PortalId } from "@menshen/domain";
import { DOOR_STORY_START_MS, type DoorStep, type DoorStory, type ExpectedAnswer } from "./door-scenarios.ts";

/** Whatever door stories can be played at: the rules alone, or gates with all that is theirs. */
export interface DoorWorld {
  /** Lets true time pass until then, Unix milliseconds. */
  advanceTo(atMs: number): unknown;
  tap(step: Extract<DoorStep, { readonly kind: "tap" }>): ExpectedAnswer | Promise<ExpectedAnswer>;
  /** The contact opens, and closes at once. */
  opened(portalId: PortalId): unknown;
  /** A sensor sees one person go through. */
  passed(portalId: PortalId): unknown;
  setOpen(portalId: PortalId, isOpen: boolean): unknown;
  /** Gates of different groups do not hear each other; those of none are alone. */
  split(groups: readonly (readonly GateId[])[]): unknown;
  heal(): unknown;
  restart(gateId: GateId, keepsRecords: boolean): unknown;
  forgive(gateId: GateId, holder: Holder): unknown;
  setCount(gateId: GateId, areaId: AreaId, persons: number): unknown;
  occupancy(gateId: GateId, areaId: AreaId): number | undefined;
}

/** What a story says of a moment, or what came of it. */
export interface Told {
  readonly atS: number;
  readonly answer: ExpectedAnswer | { readonly inside: readonly (number | undefined)[] };
}

/** Plays a story; the two lists are equal if the world does as written. */
export async function playDoorStory(
  { steps }: DoorStory,
  world: DoorWorld,
): Promise<{ readonly written: readonly Told[]; readonly came: readonly Told[] }> {
  const written: Told[] = [];
  const came: Told[] = [];
  for (const step of steps) {
    const atS = step.atMs / 1_000;
    await world.advanceTo(DOOR_STORY_START_MS + step.atMs);
    if (step.kind === "tap") {
      written.push({ atS, answer: step.expected });
      came.push({ atS, answer: await world.tap(step) });
    } else if (step.kind === "inside") {
      const { gateIds, areaId, persons } = step;
      written.push({ atS, answer: { inside: gateIds.map(() => persons) } });
      came.push({ atS, answer: { inside: gateIds.map((gateId) => world.occupancy(gateId, areaId)) } });
    } else await happen(step, world);
  }
  return { written, came };
}

async function happen(
  step: Exclude<DoorStep, { readonly kind: "tap" | "inside" }>,
  world: DoorWorld,
): Promise<void> {
  switch (step.kind) {
    case "opened":
      await world.opened(step.portalId);
      return;
    case "passed":
      await world.passed(step.portalId);
      return;
    case "stands-open":
      await world.setOpen(step.portalId, step.isOpen);
      return;
    case "split":
      await world.split(step.groups);
      return;
    case "heal":
      await world.heal();
      return;
    case "restart":
      await world.restart(step.gateId, step.keepsRecords);
      return;
    case "forgive":
      await world.forgive(step.gateId, step.holder);
      return;
    case "set-count":
      await world.setCount(step.gateId, step.areaId, step.persons);
  }
}
