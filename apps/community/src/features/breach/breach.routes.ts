import { incidentEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { IncidentsService } from "./incidents.service.ts";

export function breachRoutes(router: Router, incidents: IncidentsService): void {
  const endpoints = incidentEndpoints;
  router.staff(endpoints.list, ({ actor }) => incidents.list(actor));
  router.staff(endpoints.open, ({ author, body }) => incidents.open(author, body));
  router.staff(endpoints.get, ({ actor, params }) => incidents.get(actor, params.id));
  router.staff(endpoints.write, ({ author, params, body }) => incidents.write(author, params.id, body));
  router.staff(endpoints.reported, ({ author, params, body }) =>
    incidents.reported(author, params.id, body.authority),
  );
  router.staff(endpoints.tell, ({ author, params }) => incidents.tell(author, params.id));
  router.staff(endpoints.skipTelling, ({ author, params, body }) =>
    incidents.skipTelling(author, params.id, body.why),
  );
  router.staff(endpoints.override, ({ author, params, body }) => incidents.override(author, params.id, body));
  router.staff(endpoints.publish, ({ author, params }) => incidents.publish(author, params.id));
  router.open(endpoints.published, () => incidents.published());
  router.staff(endpoints.settings, ({ actor }) => incidents.settings(actor));
  router.staff(endpoints.changeSettings, ({ author, body }) => incidents.changeSettings(author, body));
}
