import type { HealthFinding } from "@menshen/wire";
import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import type { CommandsService } from "./features/commands/index.ts";
import { devicesRoutes, makeDevicesService } from "./features/devices/index.ts";
import {
  doorsRoutes,
  makeAccessPointsService,
  makeAreasService,
  makeModesService,
  makePortalsService,
  makeReadersService,
} from "./features/doors/index.ts";
import { installerRoutes, makeInstallerService } from "./features/installer/index.ts";
import type { GateLink } from "./gate-link/index.ts";
import type { Router } from "./http/router.ts";

/** Doors, gates and readers as they are installed, put together. */
export function siteRoutes(
  router: Router,
  dependencies: {
    readonly db: Database;
    readonly clock: Clock;
    readonly change: ChangeRunner;
    readonly gateLink: GateLink;
    readonly otherFindings: () => Promise<readonly HealthFinding[]>;
    readonly commands: CommandsService;
  },
): void {
  doorsRoutes(router, {
    areas: makeAreasService(dependencies),
    portals: makePortalsService(dependencies),
    accessPoints: makeAccessPointsService(dependencies),
    readers: makeReadersService(dependencies),
    modes: makeModesService(dependencies),
  });
  devicesRoutes(router, makeDevicesService(dependencies));
  installerRoutes(router, makeInstallerService(dependencies));
}
