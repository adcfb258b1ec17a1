import { presenceEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { useReadAgainOn } from "../../api/use-live.tsx";

/** Gates tell every 20 s, and what was told grows old without a word. */
const EVERY_MS = 20_000;

/** How many are in each area that is counted, and whether there is a muster list. */
export function useAreaCounts() {
  useReadAgainOn("presence", presenceEndpoints.counts.id);
  return useQuery({
    queryKey: [presenceEndpoints.counts.id],
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => call(presenceEndpoints.counts, { signal }),
  });
}

/** Who counts as inside during a fire; only on duty, and that it was read is recorded. */
export function useMusterList(isOn: boolean) {
  useReadAgainOn("presence", presenceEndpoints.muster.id);
  return useQuery({
    queryKey: [presenceEndpoints.muster.id],
    enabled: isOn,
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => call(presenceEndpoints.muster, { signal }),
  });
}

/** Home and role of whoever was refused lately; only on duty, and that it was read is recorded. */
export function useAtDoor() {
  useReadAgainOn("presence", presenceEndpoints.atDoor.id);
  return useQuery({
    queryKey: [presenceEndpoints.atDoor.id],
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => call(presenceEndpoints.atDoor, { signal }),
  });
}
