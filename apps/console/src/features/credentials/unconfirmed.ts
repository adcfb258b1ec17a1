import { credentialEndpoints, type UnconfirmedCredential } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { useViewKey } from "../../api/view-reason.ts";

/** Others issue and confirm meanwhile. */
const REFRESH_MS = 60_000;

/** Credentials that wait for a second member of staff, the oldest first. */
export function useUnconfirmed() {
  return useQuery({
    queryKey: [credentialEndpoints.unconfirmed.id, useViewKey()],
    queryFn: ({ signal }) => call(credentialEndpoints.unconfirmed, { signal }),
    staleTime: REFRESH_MS,
  });
}

/** What somebody can do for a credential that waits: answer first, confirm, or nothing, and why. */
export type ConfirmStep = "first" | "second" | "yours" | "may-not";

/** @param me the member of staff who looks, and whether their role writes credentials */
export function confirmStep(
  waiting: Pick<UnconfirmedCredential, "issuedBy">,
  me: { readonly staffId: string; readonly mayWrite: boolean },
): ConfirmStep {
  if (!me.mayWrite) return "may-not";
  if (waiting.issuedBy === undefined) return "first";
  return waiting.issuedBy === me.staffId ? "yours" : "second";
}
