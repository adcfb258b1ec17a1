import { type Installation, installerEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";

/** The gate reports as it finds; whoever stands at the door looks at this all the time. */
const READ_AGAIN_MS = 2_000;

export function useInstallation(gateId: string) {
  return useQuery({
    queryKey: [installerEndpoints.get.id, gateId],
    refetchInterval: READ_AGAIN_MS,
    queryFn: ({ signal }) => call(installerEndpoints.get, { params: { gateId }, signal }),
  });
}

/** Stores a changed wiring. */
export function useWiring({ gate, wiringRevision }: Installation, doneText: string) {
  return useChange(
    (wiring: Installation["wiring"]) =>
      call(installerEndpoints.setWiring, {
        params: { gateId: gate.id },
        body: { wiring, revision: wiringRevision },
        reason: { code: "installation" },
      }),
    { doneText },
  );
}
