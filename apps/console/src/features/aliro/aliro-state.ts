import { aliroEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";

/** Keys by which telephones know the community. */
export function useAliroState() {
  return useQuery({
    queryKey: [aliroEndpoints.state.id],
    queryFn: ({ signal }) => call(aliroEndpoints.state, { signal }),
  });
}
