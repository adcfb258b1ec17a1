import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import { type CommandsService, commandsRoutes, makeCommandsService } from "./features/commands/index.ts";
import { doorRulesRoutes, holderOf, makeDoorRulesService } from "./features/door-rules/index.ts";
import type { LiveHub } from "./features/events/index.ts";
import {
  type LockdownsService,
  lockdownRoutes,
  makeLockdownsService,
  makeMassUnlocksService,
  makePlansService,
} from "./features/lockdown/index.ts";
import { makePresenceService, type PresenceBook, presenceRoutes } from "./features/presence/index.ts";
import type { GateLink } from "./gate-link/index.ts";
import type { Router } from "./http/router.ts";
import type { StorageKey } from "./keys/storage-key.ts";

/** What holds at doors and what is done with them, put together. */
export interface Doors {
  readonly commands: CommandsService;
  readonly lockdowns: LockdownsService;
  readonly routes: (router: Router) => void;
  readonly stop: () => Promise<void>;
}

export function makeDoors(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly gateLink: GateLink;
  readonly storageKey: StorageKey;
  readonly presence: PresenceBook;
  readonly announce: LiveHub["announce"];
}): Doors {
  const { presence, announce } = dependencies;
  const commands = makeCommandsService({
    ...dependencies,
    holderOf: (personId) => holderOf(dependencies, personId),
  });
  const lockdowns = makeLockdownsService(dependencies);
  presence.listen((data) => announce({ type: "presence", data }));
  return {
    commands,
    lockdowns,
    routes(router) {
      doorRulesRoutes(router, makeDoorRulesService(dependencies));
      presenceRoutes(router, makePresenceService({ ...dependencies, book: presence }));
      commandsRoutes(router, commands);
      lockdownRoutes(router, {
        plans: makePlansService(dependencies),
        lockdowns,
        massUnlocks: makeMassUnlocksService(dependencies),
      });
    },
    async stop() {
      await commands.stop();
      await lockdowns.stop();
    },
  };
}
