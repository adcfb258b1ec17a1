export { rightsRoutes } from "./rights.routes.ts";
export { makeRightsService } from "./rights.service.ts";
