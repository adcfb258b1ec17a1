import { searchEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { SearchService } from "./search.service.ts";

export function searchRoutes(router: Router, service: SearchService): void {
  router.personal(
    searchEndpoints.search,
    async ({ actor, viewReason, query }) => ({ items: await service.search(actor, viewReason, query) }),
    ({ items }) =>
      items.flatMap(({ type, id, personId }) =>
        type === "person" ? [id] : personId === undefined ? [] : [personId],
      ),
  );
}
