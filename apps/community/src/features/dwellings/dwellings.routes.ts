import { buildingEndpoints, dwellingEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { DwellingsService } from "./dwellings.service.ts";

export function dwellingsRoutes(router: Router, service: DwellingsService): void {
  router.staff(buildingEndpoints.list, ({ actor, query }) => service.listBuildings(actor, query));
  router.staff(buildingEndpoints.get, ({ actor, params }) => service.readBuilding(actor, params.id));
  router.staff(buildingEndpoints.create, ({ author, body }) => service.createBuilding(author, body));
  router.staff(buildingEndpoints.update, ({ author, params, body }) =>
    service.updateBuilding(author, params.id, body),
  );
  router.staff(buildingEndpoints.remove, ({ author, params }) => service.removeBuilding(author, params.id));
  router.staff(buildingEndpoints.restore, ({ author, params }) => service.restoreBuilding(author, params.id));

  router.staff(dwellingEndpoints.list, ({ actor, query }) => service.listDwellings(actor, query));
  router.staff(dwellingEndpoints.get, ({ actor, params }) => service.readDwelling(actor, params.id));
  router.staff(dwellingEndpoints.create, ({ author, body }) => service.createDwelling(author, body));
  router.staff(dwellingEndpoints.update, ({ author, params, body }) =>
    service.updateDwelling(author, params.id, body),
  );
  router.staff(dwellingEndpoints.remove, ({ author, params }) => service.removeDwelling(author, params.id));
  router.staff(dwellingEndpoints.restore, ({ author, params }) => service.restoreDwelling(author, params.id));
}
