import {
  accessPointEndpoints,
  areaEndpoints,
  modeEndpoints,
  portalEndpoints,
  readerEndpoints,
} from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { AccessPointsService } from "./access-points.service.ts";
import type { AreasService } from "./areas.service.ts";
import type { ModesService } from "./modes.service.ts";
import type { PortalsService } from "./portals.service.ts";
import type { ReadersService } from "./readers.service.ts";

export interface DoorsServices {
  readonly areas: AreasService;
  readonly portals: PortalsService;
  readonly accessPoints: AccessPointsService;
  readonly readers: ReadersService;
  readonly modes: ModesService;
}

export function doorsRoutes(router: Router, services: DoorsServices): void {
  const { areas, portals, accessPoints, readers, modes } = services;
  router.staff(areaEndpoints.list, ({ actor, query }) => areas.list(actor, query));
  router.staff(areaEndpoints.get, ({ actor, params }) => areas.read(actor, params.id));
  router.staff(areaEndpoints.create, ({ author, body }) => areas.create(author, body));
  router.staff(areaEndpoints.update, ({ author, params, body }) => areas.update(author, params.id, body));
  router.staff(areaEndpoints.remove, ({ author, params }) => areas.remove(author, params.id));
  router.staff(areaEndpoints.restore, ({ author, params }) => areas.restore(author, params.id));

  router.staff(portalEndpoints.list, ({ actor, query }) => portals.list(actor, query));
  router.staff(portalEndpoints.get, ({ actor, params }) => portals.read(actor, params.id));
  router.staff(portalEndpoints.create, ({ author, body }) => portals.create(author, body));
  router.staff(portalEndpoints.update, ({ author, params, body }) => portals.update(author, params.id, body));
  router.staff(portalEndpoints.remove, ({ author, params }) => portals.remove(author, params.id));
  router.staff(portalEndpoints.restore, ({ author, params }) => portals.restore(author, params.id));

  router.staff(accessPointEndpoints.list, ({ actor, query }) => accessPoints.list(actor, query));
  router.staff(accessPointEndpoints.get, ({ actor, params }) => accessPoints.read(actor, params.id));
  router.staff(accessPointEndpoints.create, ({ author, body }) => accessPoints.create(author, body));
  router.staff(accessPointEndpoints.update, ({ author, params, body }) =>
    accessPoints.update(author, params.id, body),
  );
  router.staff(accessPointEndpoints.remove, ({ author, params }) => accessPoints.remove(author, params.id));
  router.staff(accessPointEndpoints.restore, ({ author, params }) => accessPoints.restore(author, params.id));

  router.staff(readerEndpoints.list, ({ actor, query }) => readers.list(actor, query));
  router.staff(readerEndpoints.get, ({ actor, params }) => readers.read(actor, params.id));
  router.staff(readerEndpoints.create, ({ author, body }) => readers.create(author, body));
  router.staff(readerEndpoints.update, ({ author, params, body }) => readers.update(author, params.id, body));
  router.staff(readerEndpoints.remove, ({ author, params }) => readers.remove(author, params.id));
  router.staff(readerEndpoints.restore, ({ author, params }) => readers.restore(author, params.id));

  router.staff(modeEndpoints.list, async ({ actor }) => ({ items: await modes.list(actor) }));
  router.staff(modeEndpoints.set, ({ author, params, body }) => modes.set(author, params.portalId, body));
  router.staff(modeEndpoints.lockdown, async ({ author, body }) => ({
    items: await modes.lockdown(author, body),
  }));
}
