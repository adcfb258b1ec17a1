import { changeEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { ChangesService } from "./changes.service.ts";

export function changesRoutes(router: Router, service: ChangesService): void {
  router.staff(changeEndpoints.list, ({ actor, query }) => service.list(actor, query));
  router.staff(changeEndpoints.views, ({ actor, query }) => service.views(actor, query));
}
