export { conformityRoutes } from "./conformity.routes.ts";
export { makeConformityService } from "./conformity.service.ts";
