import { installerEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { InstallerService } from "./installer.service.ts";

export function installerRoutes(router: Router, service: InstallerService): void {
  router.staff(installerEndpoints.get, ({ actor, params }) => service.read(actor, params.gateId));
  router.staff(installerEndpoints.setWiring, ({ author, params, body }) =>
    service.setWiring(author, params.gateId, body),
  );
  router.staff(installerEndpoints.configuration, ({ author, params }) =>
    service.configuration(author, params.gateId),
  );
  router.staff(installerEndpoints.startTest, ({ author, params, body }) =>
    service.startTest(author, params.gateId, body),
  );
  router.staff(installerEndpoints.answerTest, ({ author, params, body }) =>
    service.answerTest(author, params.id, body.seen),
  );
  router.staff(installerEndpoints.command, ({ author, params, body }) =>
    service.command(author, params.gateId, body),
  );
  router.staff(installerEndpoints.diskLost, ({ author, params }) => service.diskLost(author, params.gateId));
  router.staff(installerEndpoints.replace, ({ author, params }) => service.replace(author, params.gateId));
}
