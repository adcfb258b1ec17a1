export { doorRulesRoutes } from "./door-rules.routes.ts";
export { makeDoorRulesService } from "./door-rules.service.ts";
export { selectAreaRules, selectPortalRules } from "./door-rules.store.ts";
export { faultsOfDoorRules, newFaults, refusalOfFaults } from "./door-rules-check.ts";
export { makeDoorRulesSource } from "./door-rules-source.ts";
export {
  type HolderDependencies,
  type Holders,
  holderOf,
  readHolders,
  reviewHolderSecret,
} from "./holders.ts";
