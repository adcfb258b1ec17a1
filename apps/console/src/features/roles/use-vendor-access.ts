import { vendorAccessEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";

/** Nobody works beside a stranger for longer than this without knowing. */
const READ_AGAIN_MS = 20_000;

/** Whether vendors are let in now. */
export function useVendorAccess() {
  return useQuery({
    queryKey: [vendorAccessEndpoints.current.id],
    refetchInterval: READ_AGAIN_MS,
    queryFn: ({ signal }) => call(vendorAccessEndpoints.current, { signal }),
  });
}
