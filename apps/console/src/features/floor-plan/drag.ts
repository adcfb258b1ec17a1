import type { PointerEvent as ReactPointerEvent } from "react";
import type { PlanPoint } from "./plan-door.tsx";

/** Thousandths. */
const WHOLE = 1000;
const clamp = (value: number) => Math.min(WHOLE, Math.max(0, Math.round(value)));

export const clampPoint = ({ x, y }: PlanPoint): PlanPoint => ({ x: clamp(x), y: clamp(y) });

/** An arrow key moves by this; what is dragged comes to rest at wholes of it, so that doors stand in line. */
const STEP = 5;
const snap = (value: number) => Math.round(value / STEP) * STEP;

/** The nearest place at which something that is dragged comes to rest. */
export const restingPoint = ({ x, y }: PlanPoint): PlanPoint => clampPoint({ x: snap(x), y: snap(y) });

/** Where on the plan a pointer is; beyond its edges, too. */
export function pointAt(
  plan: Element,
  { clientX, clientY }: { readonly clientX: number; readonly clientY: number },
): PlanPoint {
  // Places are counted within the plan's border.
  const { left, top } = plan.getBoundingClientRect();
  return {
    x: ((clientX - left - plan.clientLeft) / plan.clientWidth) * WHOLE,
    y: ((clientY - top - plan.clientTop) / plan.clientHeight) * WHOLE,
  };
}

export const isOnPlan = ({ x, y }: PlanPoint): boolean => x >= 0 && y >= 0 && x <= WHOLE && y <= WHOLE;

/** A hand that trembles does not drag. */
const STILL_PX = 4;

/**
 * Follows a pointer (mouse, pen or finger) from where it went down until it is lifted.
 *
 * @param moved how far it has come from where it went down, in thousandths of the plan, and where it is
 * @param lifted where; `undefined` if it was not moved, or the browser took it away
 */
export function followPointer(
  down: ReactPointerEvent,
  plan: Element,
  moved: (by: PlanPoint, at: PlanPoint) => void,
  lifted: (by: PlanPoint | undefined, at: PlanPoint) => void,
): void {
  if (down.button !== 0) return;
  const handle = down.currentTarget;
  const start = pointAt(plan, down);
  let hasMoved = false;
  const byAt = (at: PlanPoint) => ({ x: at.x - start.x, y: at.y - start.y });
  handle.setPointerCapture(down.pointerId);
  const end = (event: Event, isGiven: boolean) => {
    handle.removeEventListener("pointermove", onMove);
    handle.removeEventListener("pointerup", onUp);
    handle.removeEventListener("pointercancel", onCancel);
    const at = event instanceof PointerEvent ? pointAt(plan, event) : start;
    lifted(isGiven && hasMoved ? byAt(at) : undefined, at);
  };
  const onUp = (event: Event) => end(event, true);
  const onCancel = (event: Event) => end(event, false);
  const onMove = (event: Event) => {
    if (!(event instanceof PointerEvent)) return;
    hasMoved ||= Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > STILL_PX;
    if (!hasMoved) return;
    const at = pointAt(plan, event);
    moved(byAt(at), at);
  };
  handle.addEventListener("pointermove", onMove);
  handle.addEventListener("pointerup", onUp);
  handle.addEventListener("pointercancel", onCancel);
}

/** How far an arrow key moves: half a hundredth of the plan, ten times as far with Shift. */
export function arrowStep(key: string, isFar: boolean): PlanPoint | undefined {
  const step = isFar ? 10 * STEP : STEP;
  switch (key) {
    case "ArrowLeft":
      return { x: -step, y: 0 };
    case "ArrowRight":
      return { x: step, y: 0 };
    case "ArrowUp":
      return { x: 0, y: -step };
    case "ArrowDown":
      return { x: 0, y: step };
    default:
      return undefined;
  }
}

export const shifted = (point: PlanPoint, by: PlanPoint): PlanPoint =>
  clampPoint({ x: point.x + by.x, y: point.y + by.y });

/** Corners moved together, as far as the edge of the plan lets all of them. */
export function shiftedAll(corners: readonly PlanPoint[], by: PlanPoint): PlanPoint[] {
  const limit = (values: readonly number[], wish: number) =>
    Math.round(Math.min(WHOLE - Math.max(...values), Math.max(-Math.min(...values), wish)));
  const x = limit(
    corners.map((corner) => corner.x),
    by.x,
  );
  const y = limit(
    corners.map((corner) => corner.y),
    by.y,
  );
  return corners.map((corner) => ({ x: corner.x + x, y: corner.y + y }));
}
