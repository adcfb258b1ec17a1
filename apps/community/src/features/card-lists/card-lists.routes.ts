import { cardListEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CardListsService } from "./card-lists.service.ts";

export function cardListsRoutes(router: Router, service: CardListsService): void {
  router.personal(
    cardListEndpoints.preview,
    ({ actor, body }) => service.preview(actor, body),
    ({ rows }) => [...new Set(rows.flatMap(({ personId }) => (personId === undefined ? [] : [personId])))],
  );
  router.staff(cardListEndpoints.start, ({ author, body }) => service.start(author, body));
  router.staff(cardListEndpoints.proceed, ({ author, params }) => service.proceed(author, params.id));
  router.staff(cardListEndpoints.undo, ({ author, params }) => service.undo(author, params.id));
  router.staff(cardListEndpoints.list, async ({ actor }) => ({ items: [...(await service.list(actor))] }));
}
