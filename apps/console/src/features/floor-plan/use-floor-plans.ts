import { floorPlanEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";

/** Plans by name, with what is placed and drawn on them. */
export function useFloorPlans() {
  return useQuery({
    queryKey: [floorPlanEndpoints.list.id],
    queryFn: ({ signal }) => call(floorPlanEndpoints.list, { signal }),
  });
}
