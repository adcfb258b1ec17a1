export { changesRoutes } from "./changes.routes.ts";
export { type ChangesService, makeChangesService } from "./changes.service.ts";
