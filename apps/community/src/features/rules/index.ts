export { leadsThrough, selects } from "./matching.ts";
export { rulesRoutes } from "./rules.routes.ts";
export { makeRulesService, type RulesService } from "./rules.service.ts";
