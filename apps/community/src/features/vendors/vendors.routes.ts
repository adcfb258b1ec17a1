import { vendorEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { VendorsService } from "./vendors.service.ts";

export function vendorsRoutes(router: Router, service: VendorsService): void {
  router.open(vendorEndpoints.list, async () => ({ items: await service.list() }));
  router.staff(vendorEndpoints.create, ({ author, body }) => service.create(author, body));
  router.staff(vendorEndpoints.update, ({ author, params, body }) => service.update(author, params.id, body));
}
