import { conformityEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { ConformityService } from "./conformity.service.ts";

export function conformityRoutes(router: Router, service: ConformityService): void {
  router.open(conformityEndpoints.read, () => service.read());
}
