export { dwellingsRoutes } from "./dwellings.routes.ts";
export { type DwellingsService, makeDwellingsService } from "./dwellings.service.ts";
