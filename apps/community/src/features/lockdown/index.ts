export { lockdownRoutes } from "./lockdown.routes.ts";
export { type LockdownsService, makeLockdownsService } from "./lockdowns.service.ts";
export { makePlansService } from "./plans.service.ts";
