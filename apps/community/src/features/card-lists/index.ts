export { cardListsRoutes } from "./card-lists.routes.ts";
export { makeCardListsService } from "./card-lists.service.ts";
