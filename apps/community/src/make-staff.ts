import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import { identityRoutes, type SessionsService, type StaffService } from "./features/identity/index.ts";
import { makeRolesService, rolesRoutes } from "./features/roles/index.ts";
import { makeVendorAccessService, vendorAccessRoutes } from "./features/vendor-access/index.ts";
import type { Router } from "./http/router.ts";

/** Who works here and what they may do, put together. */
export function staffRoutes(
  router: Router,
  dependencies: {
    readonly db: Database;
    readonly clock: Clock;
    readonly change: ChangeRunner;
    readonly sessions: SessionsService;
    readonly staff: StaffService;
    readonly secureCookie: boolean;
  },
): void {
  identityRoutes(router, dependencies, dependencies);
  rolesRoutes(router, makeRolesService(dependencies));
  vendorAccessRoutes(router, makeVendorAccessService(dependencies));
}
