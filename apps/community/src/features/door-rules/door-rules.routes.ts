import { doorRulesEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { DoorRulesService } from "./door-rules.service.ts";

export function doorRulesRoutes(router: Router, rules: DoorRulesService): void {
  router.staff(doorRulesEndpoints.get, ({ actor }) => rules.read(actor));
  router.staff(doorRulesEndpoints.setArea, ({ author, params, body }) =>
    rules.setArea(author, params.areaId, body),
  );
  router.staff(doorRulesEndpoints.setPortal, ({ author, params, body }) =>
    rules.setPortal(author, params.portalId, body),
  );
  router.staff(doorRulesEndpoints.setSite, ({ author, params, body }) =>
    rules.setSite(author, params.gateId, body),
  );
  router.staff(doorRulesEndpoints.setSettings, ({ author, body }) => rules.setSettings(author, body));
}
