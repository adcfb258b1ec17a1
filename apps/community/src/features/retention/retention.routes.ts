import { retentionEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { RetentionService } from "./retention.service.ts";

export function retentionRoutes(router: Router, service: RetentionService): void {
  router.staff(retentionEndpoints.get, ({ actor }) => service.read(actor));
  router.staff(retentionEndpoints.change, ({ author, body }) => service.change(author, body));
}
