import type { AccessPointId, AreaId } from "@menshen/domain";
import type { ModelIndex } from "./model-index.ts";
import { isShared } from "./model-index.ts";
import { remember } from "./remember.ts";

/** One step between two areas: through an access point, or free. */
export interface Step {
  readonly from: AreaId;
  readonly to: AreaId;
  /** Absent: leaving by a portal that has no reader on this side; the exit button is hardware. */
  readonly accessPointId?: AccessPointId;
}

/** Steps that residents may be asked to take: never through a staff-only area. */
export function sharedSteps(index: ModelIndex): readonly Step[] {
  const steps: Step[] = [];
  const byPortal = Map.groupBy(index.model.accessPoints, ({ portalId }) => portalId);
  for (const accessPoints of byPortal.values()) {
    for (const accessPoint of accessPoints.filter((each) => isShared(index, each))) {
      const { id, fromAreaId, toAreaId } = accessPoint;
      steps.push({ from: fromAreaId, to: toAreaId, accessPointId: id });
      const hasReturn = accessPoints.some(
        (other) => other.fromAreaId === toAreaId && other.toAreaId === fromAreaId,
      );
      if (!hasReturn) steps.push({ from: toAreaId, to: fromAreaId });
    }
  }
  return steps;
}

/**
 * The steps that lie on some way from `start` to `end`: the near side can be reached without touching the far side, and
 * the end from the far side without touching the near side again. A neighbouring building's door is thereby left out.
 */
export function stepsBetween(steps: readonly Step[], start: AreaId, end: AreaId): readonly Step[] {
  const leaving = Map.groupBy(steps, (step) => step.from);
  const entering = Map.groupBy(steps, (step) => step.to);
  const forward = remember((avoided: AreaId) =>
    spread(start, avoided, (area) => (leaving.get(area) ?? []).map((step) => step.to)),
  );
  const backward = remember((avoided: AreaId) =>
    spread(end, avoided, (area) => (entering.get(area) ?? []).map((step) => step.from)),
  );
  return steps.filter((step) => forward(step.to).has(step.from) && backward(step.from).has(step.to));
}

/** True if `end` can be reached by steps that `isPassable` allows. */
export function reaches(
  steps: readonly Step[],
  start: AreaId,
  end: AreaId,
  isPassable: (step: Step) => boolean,
): boolean {
  const leaving = Map.groupBy(steps.filter(isPassable), (step) => step.from);
  return spread(start, undefined, (area) => (leaving.get(area) ?? []).map((step) => step.to)).has(end);
}

function spread(
  start: AreaId,
  avoided: AreaId | undefined,
  nextOf: (area: AreaId) => readonly AreaId[],
): ReadonlySet<AreaId> {
  if (start === avoided) return new Set();
  const reached = new Set([start]);
  // A set grows while it is walked, so this is a breadth-first search.
  for (const area of reached) for (const next of nextOf(area)) if (next !== avoided) reached.add(next);
  return reached;
}
