import { residentWaysEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { WaysService } from "./ways.service.ts";

export function waysRoutes(router: Router, service: WaysService): void {
  router.resident(residentWaysEndpoints.list, ({ resident }) => service.list(resident));
  router.resident(residentWaysEndpoints.lose, async ({ resident, params, body }) => {
    await service.lose(resident, params.id, body.signature);
    return null;
  });
  router.resident(residentWaysEndpoints.drawPin, ({ resident, body }) => service.drawPin(resident, body));
}
