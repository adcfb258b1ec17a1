export {
  ensureEpochGrid,
  localDays,
  selectEpochGrid,
  selectRetentionDays,
} from "./epoch-grid.store.ts";
export { trailRoutes } from "./trail.routes.ts";
export { type CheckedLog, makeTrailSource } from "./trail-source.ts";
export {
  deleteWaitingPolicies,
  endorsedPolicy,
  insertPolicy,
  policyInForce,
  type StoredPolicy,
  selectPolicies,
} from "./witness-policy.store.ts";
export { makeWrapsService } from "./wraps.service.ts";
