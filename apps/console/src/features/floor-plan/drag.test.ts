import { expect, test } from "vitest";
import { arrowStep, clampPoint, isOnPlan, pointAt, restingPoint, shifted, shiftedAll } from "./drag.ts";

test("a point stays on the plan", () => {
  expect(clampPoint({ x: -3.2, y: 1000.4 })).toEqual({ x: 0, y: 1000 });
  expect(shifted({ x: 998, y: 3 }, { x: 5, y: -5 })).toEqual({ x: 1000, y: 0 });
  expect(isOnPlan({ x: 1001, y: 5 })).toBe(false);
  expect(isOnPlan({ x: 0, y: 1000 })).toBe(true);
});

test("what is dragged comes to rest in line", () => {
  expect(restingPoint({ x: 252.4, y: 997.6 })).toEqual({ x: 250, y: 1000 });
});

test("a shape keeps its form at the edge", () => {
  const corners = [
    { x: 100, y: 100 },
    { x: 300, y: 100 },
    { x: 200, y: 900 },
  ];
  expect(shiftedAll(corners, { x: -250, y: 300 })).toEqual([
    { x: 0, y: 200 },
    { x: 200, y: 200 },
    { x: 100, y: 1000 },
  ]);
});

test("arrow keys move by half a hundredth, with Shift by a twentieth", () => {
  expect(arrowStep("ArrowUp", false)).toEqual({ x: 0, y: -5 });
  expect(arrowStep("ArrowRight", true)).toEqual({ x: 50, y: 0 });
  expect(arrowStep("Enter", false)).toBeUndefined();
});

test("where a pointer is, is measured by the plan", () => {
  const plan = {
    getBoundingClientRect: () => ({ left: 99, top: 49 }),
    clientLeft: 1,
    clientTop: 1,
    clientWidth: 400,
    clientHeight: 200,
  };
  // Only what the function asks of an element.
  expect(pointAt(plan as Element, { clientX: 200, clientY: 150 })).toEqual({ x: 250, y: 500 });
});
