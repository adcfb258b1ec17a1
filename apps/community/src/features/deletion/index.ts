export { deletionRoutes } from "./deletion.routes.ts";
export { type DeletionService, makeDeletionService } from "./deletion.service.ts";
