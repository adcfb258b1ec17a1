import type { PlanPoint } from "./plan-door.tsx";

/** Where the name of an area stands. */
export function middleOf(corners: readonly PlanPoint[]): PlanPoint {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return { x: mean(corners.map(({ x }) => x)), y: mean(corners.map(({ y }) => y)) };
}
