export { cardKeysRoutes } from "./card-keys.routes.ts";
export { makeCardKeysService } from "./card-keys.service.ts";
