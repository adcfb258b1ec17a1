import { residentEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { HomesService } from "./homes.service.ts";

export function homesRoutes(router: Router, homes: HomesService): void {
  router.resident(residentEndpoints.homes, async ({ resident }) => ({
    items: [...(await homes.of(resident.personId))],
  }));
}
