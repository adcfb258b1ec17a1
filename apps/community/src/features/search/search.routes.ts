import { searchEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { SearchService } from "./search.service.ts";

export function searchRoutes(router: Router, service: SearchService): void {
  router.staff(searchEndpoints.search, async ({ actor, query }) => ({
    items: await service.search(actor, query),
  }));
}
