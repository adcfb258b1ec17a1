import { vendorAccessEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { VendorAccessService } from "./vendor-access.service.ts";

export function vendorAccessRoutes(router: Router, service: VendorAccessService): void {
  router.staff(vendorAccessEndpoints.current, () => service.current());
  router.staff(vendorAccessEndpoints.list, async ({ actor }) => ({ items: await service.list(actor) }));
  router.staff(vendorAccessEndpoints.open, ({ author, body }) => service.open(author, body));
  router.staff(vendorAccessEndpoints.close, ({ author, params }) => service.close(author, params.id));
}
