import { penaltyEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { PenaltiesService } from "./penalties.service.ts";

export function penaltiesRoutes(router: Router, penalties: PenaltiesService): void {
  router.open(penaltyEndpoints.list, async () => ({ items: [...(await penalties.list())] }));
  router.staff(penaltyEndpoints.publish, ({ author, body }) => penalties.publish(author, body));
  router.staff(penaltyEndpoints.appeal, ({ author, params, body }) =>
    penalties.appeal(author, params.id, body.appeal),
  );
  router.staff(penaltyEndpoints.remove, ({ author, params, body }) =>
    penalties.remove(author, params.id, body.why),
  );
}
