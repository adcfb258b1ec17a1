import { cityConnectionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";

/** Whether there is a city, and which issuers it lists. */
export function useCity() {
  return useQuery({
    queryKey: [cityConnectionEndpoints.get.id],
    queryFn: ({ signal }) => call(cityConnectionEndpoints.get, { signal }),
  });
}
