import type { Logger } from "@menshen/service-kit";
import { cityConnectionEndpoints, copiedCardEndpoints } from "@menshen/wire";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { Router } from "../../http/router.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { makeConnectionService } from "./connection.service.ts";
import { makeCopiedCardService } from "./copied-card.service.ts";
import { makeExchange } from "./exchange.ts";

/** What this community tells its city of confirmed copies, and hears from it. */
export function makeCityLink(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly fetch?: typeof fetch;
}) {
  const exchange = makeExchange(dependencies);
  const connection = makeConnectionService({ ...dependencies, exchange });
  const cards = makeCopiedCardService({ ...dependencies, exchange });
  return {
    exchange,
    routes(router: Router): void {
      router.staff(cityConnectionEndpoints.get, ({ actor }) => connection.read(actor));
      router.staff(cityConnectionEndpoints.connect, ({ author, body }) => connection.connect(author, body));
      router.staff(cityConnectionEndpoints.disconnect, ({ author }) => connection.disconnect(author));
      router.staff(copiedCardEndpoints.get, ({ actor, params }) => cards.read(actor, params.id));
      router.staff(copiedCardEndpoints.put, ({ author, params, body }) =>
        cards.write(author, params.id, body),
      );
      router.staff(copiedCardEndpoints.remove, ({ author, params }) => cards.remove(author, params.id));
    },
  };
}
