export * from "./check-door-rules.ts";
export { checkPolicy } from "./check-policy.ts";
export * from "./compile.ts";
export { decide } from "./decide.ts";
export * from "./delta.ts";
export type { PlainMap, PlainValue, SnapshotDelta, SnapshotDocument } from "./document.ts";
export { COMMON_RULE_PERSONS } from "./document.ts";
export * from "./errors.ts";
export {
  type GrantedCredential,
  grantedCredentials,
  grantedPlaces,
} from "./granted-places.ts";
export { loadSnapshot } from "./load.ts";
export { type LocalTime, localTimeAt, type ZoneTransition, zoneTransitions } from "./local-time.ts";
export type * from "./model.ts";
export { isAstray, openReasons, singlesOut } from "./open-reasons.ts";
export * from "./presence/index.ts";
export * from "./reference.ts";
export * from "./restate.ts";
export {
  type DocumentFault,
  knowsCredential,
  type LoadResult,
  refreezeSnapshot,
  type Snapshot,
  type SnapshotAccessPoint,
  type SnapshotPortal,
  snapshotBuffers,
  snapshotBytes,
} from "./snapshot.ts";
export {
  isFloorFree,
  isPortalUnlocked,
  nextFloorChange,
  nextScheduleChange,
  type UnlockCause,
} from "./unlock.ts";
export type * from "./verdict.ts";
export { type WaysAtPoint, waysOfPersons } from "./ways-of-person.ts";
