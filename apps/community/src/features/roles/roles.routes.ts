import { ownRoleEndpoints, rolePermissionEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { RolesService } from "./roles.service.ts";

export function rolesRoutes(router: Router, service: RolesService): void {
  router.staff(ownRoleEndpoints.list, ({ actor, query }) => service.list(actor, query));
  router.staff(rolePermissionEndpoints.list, async ({ actor }) => ({ items: await service.offered(actor) }));
  router.staff(ownRoleEndpoints.get, ({ actor, params }) => service.read(actor, params.id));
  router.staff(ownRoleEndpoints.create, ({ author, body }) => service.create(author, body));
  router.staff(ownRoleEndpoints.update, ({ author, params, body }) =>
    service.update(author, params.id, body),
  );
  router.staff(ownRoleEndpoints.remove, ({ author, params }) => service.remove(author, params.id));
  router.staff(ownRoleEndpoints.restore, ({ author, params }) => service.restore(author, params.id));
}
