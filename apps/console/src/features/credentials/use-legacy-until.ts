import { communityEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { useSignedIn } from "../../api/session.tsx";

/** Latest end of a card that is a mere number, and its day in the community's zone as a date field has it. */
export function useLegacyUntil(): { readonly epochMs: number; readonly day: string } | undefined {
  const { timeZone } = useSignedIn().community;
  const { data } = useQuery({
    queryKey: [communityEndpoints.get.id],
    queryFn: ({ signal }) => call(communityEndpoints.get, { signal }),
  });
  if (data === undefined) return undefined;
  return { epochMs: data.legacyUntil, day: dayIn(data.legacyUntil, timeZone) };
}

/** `YYYY-MM-DD` of an instant in a zone. */
export function dayIn(epochMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(epochMs);
}
