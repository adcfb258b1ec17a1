export { rolesRoutes } from "./roles.routes.ts";
export { makeRolesService, type RolesService } from "./roles.service.ts";
