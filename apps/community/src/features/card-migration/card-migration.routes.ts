import { cardMigrationEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CardMigrationService } from "./card-migration.service.ts";

export function cardMigrationRoutes(router: Router, service: CardMigrationService): void {
  router.staff(cardMigrationEndpoints.report, ({ actor }) => service.report(actor));
  router.personal(
    cardMigrationEndpoints.toVisit,
    async ({ actor, query }) => ({ items: [...(await service.toVisit(actor, query.buildingId))] }),
    ({ items }) => items.map(({ personId }) => personId),
  );
}
