export { waysRoutes } from "./ways.routes.ts";
export { makeWaysService } from "./ways.service.ts";
