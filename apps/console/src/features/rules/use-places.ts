import { accessPointEndpoints, areaEndpoints, buildingEndpoints, scheduleEndpoints } from "@menshen/wire";
import { usePaged } from "../../api/paged.ts";

/** Areas, access points, buildings and schedules by name, as rules refer to them. */
export function usePlaces() {
  const areas = usePaged(areaEndpoints.list, { limit: 500 }).items;
  const accessPoints = usePaged(accessPointEndpoints.list, { limit: 500 }).items;
  const buildings = usePaged(buildingEndpoints.list, { limit: 500 }).items;
  const schedules = usePaged(scheduleEndpoints.list, { limit: 500 }).items;
  const nameIn = (items: readonly { id: string; name: string }[]) => (id: string) =>
    items.find((item) => item.id === id)?.name ?? "…";
  return {
    areas,
    accessPoints,
    buildings,
    schedules,
    areaName: nameIn(areas),
    accessPointName: nameIn(accessPoints),
    buildingName: nameIn(buildings),
  };
}
