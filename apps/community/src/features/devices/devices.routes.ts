import { gateEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { DevicesService } from "./devices.service.ts";

export function devicesRoutes(router: Router, service: DevicesService): void {
  router.staff(gateEndpoints.list, ({ actor, query }) => service.list(actor, query));
  router.staff(gateEndpoints.get, ({ actor, params }) => service.read(actor, params.id));
  router.staff(gateEndpoints.create, ({ author, body }) => service.create(author, body));
  router.staff(gateEndpoints.update, ({ author, params, body }) => service.update(author, params.id, body));
  router.staff(gateEndpoints.remove, ({ author, params }) => service.remove(author, params.id));
  router.staff(gateEndpoints.restore, ({ author, params }) => service.restore(author, params.id));
  router.staff(gateEndpoints.enrolmentCode, ({ author, params }) =>
    service.makeEnrolmentCode(author, params.id),
  );
  router.staff(gateEndpoints.revoke, ({ author, params }) => service.revoke(author, params.id));
  router.staff(gateEndpoints.clearAlarm, ({ author, params }) =>
    service.clearAlarm(author, params.id, params.alarmId),
  );
  router.staff(gateEndpoints.acceptJournal, ({ author, params }) => service.acceptJournal(author, params.id));
  router.staff(gateEndpoints.status, ({ actor, params }) => service.status(actor, params.id));
  router.staff(gateEndpoints.health, async ({ actor }) => ({ items: await service.findings(actor) }));
}
