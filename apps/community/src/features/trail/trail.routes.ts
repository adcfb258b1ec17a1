import { eventEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { TrailService } from "./trail.service.ts";

export function trailRoutes(router: Router, service: TrailService): void {
  router.staff(eventEndpoints.reveal, ({ actor, params, body }) =>
    service.reveal(actor, params, body.reason),
  );
}
