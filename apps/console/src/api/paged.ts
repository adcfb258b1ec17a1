import type { Endpoint, QueryOf, ResponseOf } from "@menshen/wire";
import { useInfiniteQuery } from "@tanstack/react-query";
import { send } from "./client.ts";
import { useViewKey } from "./view-reason.ts";

type PagedEndpoint = Endpoint & { readonly method: "GET" };
type ItemOf<E extends Endpoint> = ResponseOf<E> extends { items: (infer Item)[] } ? Item : never;

/**
 * A list that the server gives page by page.
 *
 * @param endpoint a list operation whose answer is `{ items, nextCursor? }` and whose query takes `cursor`
 * @param query the filters, without `cursor`
 */
export function usePaged<E extends PagedEndpoint>(
  endpoint: E,
  query: Omit<NonNullable<QueryOf<E>>, "cursor">,
) {
  const viewKey = useViewKey();
  const found = useInfiniteQuery({
    queryKey: [endpoint.id, query, endpoint.shows === undefined ? "" : viewKey],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === "" ? {} : { cursor: pageParam };
      const page = await send(endpoint, { query: { ...query, ...cursor }, signal });
      return page as { items: ItemOf<E>[]; nextCursor?: string };
    },
    getNextPageParam: (page) => page.nextCursor,
  });
  return {
    ...found,
    items: found.data?.pages.flatMap((page) => page.items) ?? [],
  };
}
