import { credentialEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CredentialsService } from "./credentials.service.ts";

export function credentialsRoutes(router: Router, service: CredentialsService): void {
  router.staff(credentialEndpoints.list, ({ actor, query }) => service.list(actor, query));
  router.staff(credentialEndpoints.get, ({ actor, params }) => service.read(actor, params.id));
  router.staff(credentialEndpoints.history, async ({ actor, params }) => ({
    items: await service.history(actor, params.id),
  }));
  router.staff(credentialEndpoints.enrol, ({ author, body }) => service.enrol(author, body));
  router.staff(credentialEndpoints.block, ({ author, params }) => service.block(author, params.id));
  router.staff(credentialEndpoints.unblock, ({ author, params }) => service.unblock(author, params.id));
  router.staff(credentialEndpoints.lost, ({ author, params }) => service.reportLost(author, params.id));
  router.staff(credentialEndpoints.replace, ({ author, params, body }) =>
    service.replace(author, params.id, body),
  );
  router.staff(credentialEndpoints.validity, ({ author, params, body }) =>
    service.setValidity(author, params.id, body),
  );
}
