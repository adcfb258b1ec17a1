import { vendorEndpoints, vendorExitEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { VendorExitsService } from "./exits.service.ts";
import type { VendorsService } from "./vendors.service.ts";

export function vendorsRoutes(router: Router, service: VendorsService, exits: VendorExitsService): void {
  router.open(vendorEndpoints.list, async () => ({ items: await service.list() }));
  router.staff(vendorEndpoints.create, ({ author, body }) => service.create(author, body));
  router.staff(vendorEndpoints.update, ({ author, params, body }) => service.update(author, params.id, body));

  router.open(vendorExitEndpoints.list, async () => ({ items: await exits.list() }));
  router.staff(vendorExitEndpoints.begin, ({ author, params, body }) =>
    exits.begin(author, params.id, body.ground),
  );
  router.staff(vendorExitEndpoints.receipt, ({ author, params, body }) =>
    exits.receipt(author, params.id, params.itemId, body),
  );
  router.staff(vendorExitEndpoints.close, ({ author, params }) => exits.close(author, params.id));
}
