import { cardKeyEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";

/** Desks renew cards meanwhile. */
const REFRESH_MS = 15_000;

export function useCardKeyReport(enabled: boolean) {
  return useQuery({
    queryKey: [cardKeyEndpoints.report.id],
    enabled,
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => call(cardKeyEndpoints.report, { signal }),
  });
}

/** What a table of pages takes, for a list that came whole. */
export function allOf<Item>(items: readonly Item[]) {
  return {
    items,
    isPending: false,
    isError: false,
    error: undefined,
    refetch: async () => undefined,
    hasNextPage: false,
    isFetchingNextPage: false,
    fetchNextPage: async () => undefined,
  };
}
