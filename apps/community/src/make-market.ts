import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import { makeCityLink } from "./features/city-link/index.ts";
import { makeCleaner } from "./features/floor-plans/index.ts";
import { makeMarketService, marketRoutes } from "./features/market/index.ts";
import type { Router } from "./http/router.ts";
import type { StorageKey } from "./keys/storage-key.ts";

/** Copies beyond this community: what was seen on the market, and what the city makes of all communities' findings. */
export function makeMarket(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
}) {
  const city = makeCityLink(dependencies);
  const market = makeMarketService({ ...dependencies, clean: makeCleaner(), exchange: city.exchange });
  return {
    exchange: city.exchange,
    tidy: market.tidy,
    routes(router: Router): void {
      city.routes(router);
      marketRoutes(router, market);
    },
  };
}
