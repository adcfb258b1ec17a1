import { presenceEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { PresenceService } from "./presence.service.ts";

export function presenceRoutes(router: Router, presence: PresenceService): void {
  router.staff(presenceEndpoints.counts, ({ actor }) => presence.counts(actor));
  router.staff(presenceEndpoints.muster, async ({ actor }) => ({ lines: await presence.muster(actor) }));
  router.staff(presenceEndpoints.atDoor, async ({ actor }) => ({ items: await presence.atDoor(actor) }));
}
