import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { Router } from "../../http/router.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { makeBallotsService } from "./ballots.service.ts";
import { makeCountService } from "./count.service.ts";
import { makeMotionsService } from "./motions.service.ts";
import { makeOwnersRollService } from "./owners-roll.service.ts";
import { makeSecretCountService } from "./secret-count.service.ts";
import { votesRoutes } from "./votes.routes.ts";

/** The owners' roll, their motions, ballots and counts. */
export function makeVotes(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly communityId: string;
}) {
  const secretCount = makeSecretCountService(dependencies);
  const services = {
    roll: makeOwnersRollService(dependencies),
    motions: makeMotionsService(dependencies),
    ballots: makeBallotsService(dependencies),
    count: makeCountService({ ...dependencies, countSecret: secretCount.count }),
    secretCount,
  };
  return { routes: (router: Router) => votesRoutes(router, services) };
}
