import { type FloorPlan, floorPlanEndpoints } from "@menshen/wire";
import { useEffect, useRef } from "react";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import type { Drawn, usePlanEdits } from "./use-plan-edits.ts";

type PlacedDoor = FloorPlan["doors"][number];
type Home = { readonly planId: string; readonly door: PlacedDoor };

/**
 * Edits of one plan that know of the others: a door stands on one plan only, so placing it here takes it off another, and
 * undoing that puts it back there, once the server has it off this one.
 */
export function useEditsAmongPlans(
  edits: Pick<ReturnType<typeof usePlanEdits>, "drawn" | "edit" | "undo" | "state">,
  plan: FloorPlan,
  plans: readonly FloorPlan[],
) {
  const { drawn, state } = edits;
  const takenFrom = useRef(new Map<string, Home>());
  const owed = useRef<readonly Home[]>([]);
  const { mutate: giveBack } = useChange(async (homes: readonly Home[]) => {
    for (const { door, planId } of homes) {
      const { items } = await call(floorPlanEndpoints.list, {});
      const home = items.find(({ id }) => id === planId);
      // Somebody may have placed it meanwhile, or removed that plan.
      if (home === undefined || items.some(({ doors }) => holds(doors, door.portalId))) continue;
      await call(floorPlanEndpoints.placeDoors, {
        params: { id: planId },
        body: { doors: [...home.doors, door], revision: home.revision },
      });
    }
  });
  useEffect(() => {
    if (state !== "saved" || owed.current.length === 0) return;
    giveBack(owed.current);
    owed.current = [];
  }, [state, giveBack]);

  const edit = (next: Drawn, step?: string) => {
    for (const { portalId } of next.doors) {
      if (holds(drawn.doors, portalId)) continue;
      takenFrom.current.delete(portalId);
      for (const { doors, id } of plans) {
        const door = id === plan.id ? undefined : doors.find((other) => other.portalId === portalId);
        if (door !== undefined) takenFrom.current.set(portalId, { planId: id, door });
      }
    }
    edits.edit(next, step);
  };
  const undo = () => {
    const before = edits.undo?.();
    if (before === undefined) return;
    for (const { portalId } of drawn.doors) {
      const home = takenFrom.current.get(portalId);
      if (home !== undefined && !holds(before.doors, portalId)) owed.current = [...owed.current, home];
    }
  };
  return { edit, undo: edits.undo === undefined ? undefined : undo };
}

const holds = (doors: readonly PlacedDoor[], portalId: string) =>
  doors.some((door) => door.portalId === portalId);
