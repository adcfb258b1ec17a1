import type { FloorPlan } from "@menshen/wire";

export type PlacedDoor = FloorPlan["doors"][number];
export type Home = { readonly planId: string; readonly door: PlacedDoor };

/** Where the doors that were placed on one plan stood before, as far as another plan lost them to it. */
export function makeDoorHomes(planId: string) {
  const takenFrom = new Map<string, Home>();
  // Where doors were given back to: a list of plans may have been read before they arrived there.
  const returned = new Map<string, Home>();

  function homeIn(plans: readonly FloorPlan[], portalId: string): Home | undefined {
    for (const { doors, id } of plans) {
      const door = id === planId ? undefined : doors.find((other) => other.portalId === portalId);
      if (door !== undefined) return { planId: id, door };
    }
    return undefined;
  }

  return {
    /** A door is placed here; `plans` as they were read last, perhaps a moment ago. */
    placed(portalId: string, plans: readonly FloorPlan[]): void {
      const home = homeIn(plans, portalId) ?? returned.get(portalId);
      returned.delete(portalId);
      if (home === undefined) takenFrom.delete(portalId);
      else takenFrom.set(portalId, home);
    },

    /** Its placing is undone: where it must stand again; undefined if it stood nowhere. */
    undone(portalId: string): Home | undefined {
      const home = takenFrom.get(portalId);
      if (home !== undefined) returned.set(portalId, home);
      return home;
    },
  };
}
