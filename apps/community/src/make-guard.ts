import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import { type AlarmServices, alarmsRoutes, makeAlarms } from "./features/alarms/index.ts";
import type { CommandsService } from "./features/commands/index.ts";
import type { Directory } from "./features/directory/index.ts";
import { floorPlansRoutes, makeCleaner, makeFloorPlansService } from "./features/floor-plans/index.ts";
import { makeReceptionService, receptionRoutes } from "./features/reception/index.ts";
import { makeShiftsService, shiftsRoutes } from "./features/shifts/index.ts";
import type { GateLink } from "./gate-link/index.ts";
import type { Router } from "./http/router.ts";

/** What guards work with, put together. */
export interface Guard {
  readonly alarms: AlarmServices;
  readonly routes: (router: Router) => void;
  readonly tidy: () => Promise<void>;
}

export async function makeGuard(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly directory: () => Promise<Directory>;
  readonly gateLink: Pick<GateLink, "onLive" | "readGates">;
  readonly timeZone: string;
  /** Undefined until they are put together, too. */
  readonly commands: () => Pick<CommandsService, "answerCall"> | undefined;
}): Promise<Guard> {
  const { commands } = dependencies;
  const alarms = makeAlarms({
    ...dependencies,
    answerCall: async (scope, call) => (await commands()?.answerCall(scope, call)) ?? (() => {}),
  });
  await alarms.feed.start();
  const shifts = makeShiftsService(dependencies);
  const reception = makeReceptionService(dependencies);
  const floorPlans = makeFloorPlansService({ ...dependencies, clean: makeCleaner() });
  return {
    alarms,
    routes(router) {
      alarmsRoutes(router, alarms);
      shiftsRoutes(router, shifts);
      receptionRoutes(router, reception);
      floorPlansRoutes(router, floorPlans);
    },
    async tidy() {
      await alarms.tidy();
      await reception.tidy();
      await shifts.tidy();
      await floorPlans.tidy();
    },
  };
}
