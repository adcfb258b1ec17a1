import type { ResidentDoors } from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { Database } from "../../database/database.ts";
import { selectDoors } from "./doors.store.ts";
import type { Places } from "./places.ts";
import { selectPassSettings } from "./settings.store.ts";

/** The doors on one's own paths. */
export function makeOwnDoorsService(dependencies: {
  readonly db: Database;
  readonly places: Places;
  readonly communityId: string;
}) {
  const { db, places, communityId } = dependencies;
  return {
    async of({ personId }: SignedInResident): Promise<ResidentDoors> {
      const doors = await selectDoors(db, await places.ofPerson(personId));
      const { visitsOn, longestVisitS } = await selectPassSettings(db);
      return {
        communityId,
        doors: doors.map(({ gateId: _, accessPointIds, ...door }) => ({
          ...door,
          accessPointIds: [...accessPointIds],
        })),
        visits: { on: visitsOn, longestS: longestVisitS },
      };
    },
  };
}
