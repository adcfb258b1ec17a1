import { lockdownEndpoints, massUnlockEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { useReadAgainOn } from "../../api/use-live.tsx";

/** A lockdown ends by itself without a word, and how many doors follow changes: it is asked for now and then, too. */
const EVERY_MS = 15_000;

/** Lockdowns and drills that go on now. */
export function useActiveLockdowns() {
  useReadAgainOn("lockdown", lockdownEndpoints.list.id);
  const read = useQuery({
    queryKey: [lockdownEndpoints.list.id, "active"],
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => call(lockdownEndpoints.list, { query: { active: true }, signal }),
  });
  return read.data?.items ?? [];
}

/** Doors that are to be held open together: asked for, or standing open. */
export function useMassUnlocks() {
  useReadAgainOn("lockdown", massUnlockEndpoints.list.id);
  const read = useQuery({
    queryKey: [massUnlockEndpoints.list.id],
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => call(massUnlockEndpoints.list, { signal }),
  });
  return read.data?.items ?? [];
}
