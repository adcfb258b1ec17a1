export { lockdownRoutes } from "./lockdown.routes.ts";
export { type LockdownsService, makeLockdownsService } from "./lockdowns.service.ts";
export { makeMassUnlocksService } from "./mass-unlocks.service.ts";
export { makePlansService } from "./plans.service.ts";
