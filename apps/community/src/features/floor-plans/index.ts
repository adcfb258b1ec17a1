export { makeCleaner } from "./cleaner.ts";
export { floorPlansRoutes } from "./floor-plans.routes.ts";
export { makeFloorPlansService } from "./floor-plans.service.ts";
