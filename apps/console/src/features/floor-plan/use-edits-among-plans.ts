import { type FloorPlan, floorPlanEndpoints } from "@menshen/wire";
import { useCallback, useRef, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { type Home, makeDoorHomes, type PlacedDoor } from "./door-homes.ts";
import { type Drawn, usePlanEdits } from "./use-plan-edits.ts";

/**
 * Edits of one plan that know of the others: a door stands on one plan only, so placing it here takes it off another, and
 * undoing that puts it back there, once the server has it off this one. Saved is only what includes that.
 */
export function useEditsAmongPlans(plan: FloorPlan, plans: readonly FloorPlan[]) {
  const [homes] = useState(() => makeDoorHomes(plan.id));
  const owed = useRef<readonly Home[]>([]);
  const giveBack = useCallback(async () => {
    for (let home = owed.current[0]; home !== undefined; home = owed.current[0]) {
      await putBack(home);
      owed.current = owed.current.slice(1);
    }
  }, []);
  const edits = usePlanEdits(plan, giveBack);
  const { drawn } = edits;

  const edit = (next: Drawn, step?: string) => {
    for (const { portalId } of next.doors) {
      if (!holds(drawn.doors, portalId)) homes.placed(portalId, plans);
    }
    edits.edit(next, step);
  };
  const undo = () => {
    const before = edits.undo?.();
    if (before === undefined) return;
    for (const { portalId } of drawn.doors) {
      const home = holds(before.doors, portalId) ? undefined : homes.undone(portalId);
      if (home !== undefined) owed.current = [...owed.current, home];
    }
  };
  return { ...edits, edit, undo: edits.undo === undefined ? undefined : undo };
}

async function putBack({ door, planId }: Home): Promise<void> {
  for (;;) {
    const { items } = await call(floorPlanEndpoints.list, {});
    const home = items.find(({ id }) => id === planId);
    // Somebody may have placed it meanwhile, or removed that plan.
    if (home === undefined || items.some(({ doors }) => holds(doors, door.portalId))) return;
    try {
      await call(floorPlanEndpoints.placeDoors, {
        params: { id: planId },
        body: { doors: [...home.doors, door], revision: home.revision },
      });
      return;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "stale-revision")) throw error;
    }
  }
}

const holds = (doors: readonly PlacedDoor[], portalId: string) =>
  doors.some((door) => door.portalId === portalId);
