export { marketRoutes } from "./market.routes.ts";
export { makeMarketService } from "./market.service.ts";
