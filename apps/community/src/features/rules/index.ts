export { rulesRoutes } from "./rules.routes.ts";
export { makeRulesService, type RulesService } from "./rules.service.ts";
