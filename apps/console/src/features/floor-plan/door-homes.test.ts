import type { FloorPlan } from "@menshen/wire";
import { expect, test } from "vitest";
import { makeDoorHomes } from "./door-homes.ts";

const DOOR = { portalId: "gate 5", x: 500, y: 500 };
const plan = (id: string, ...doors: FloorPlan["doors"]) =>
  ({ id, doors, areas: [], revision: 1 }) as unknown as FloorPlan;
const BEFORE = [plan("here"), plan("there", DOOR)];
/** Read after the door left the other plan, and before it was back. */
const BETWEEN = [plan("here"), plan("there")];
const HOME = { planId: "there", door: DOOR };

test("a door goes back to the plan that it was taken from", () => {
  const homes = makeDoorHomes("here");
  homes.placed("gate 5", BEFORE);
  expect(homes.undone("gate 5")).toEqual(HOME);
});

test("and again, though the plans were read while it stood on none", () => {
  const homes = makeDoorHomes("here");
  homes.placed("gate 5", BEFORE);
  for (let time = 0; time < 3; time++) {
    expect(homes.undone("gate 5")).toEqual(HOME);
    homes.placed("gate 5", BETWEEN);
  }
  expect(homes.undone("gate 5")).toEqual(HOME);
});

test("one that stood on no plan goes back to none, wherever it stood earlier", () => {
  const homes = makeDoorHomes("here");
  homes.placed("gate 5", BETWEEN);
  expect(homes.undone("gate 5")).toBeUndefined();
  homes.placed("gate 5", BEFORE);
  homes.placed("gate 5", BETWEEN);
  expect(homes.undone("gate 5")).toBeUndefined();
});
