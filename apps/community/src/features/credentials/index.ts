export { type CardKeys, makeCardKeys, PRIVACY_KEY_VERSION } from "./card-keys.ts";
export { isKeyed } from "./card-kinds.ts";
export { takeStep } from "./credential-life.ts";
export { logStatesOf } from "./credential-log.store.ts";
export { credentialsRoutes } from "./credentials.routes.ts";
export {
  blockForMoveOut,
  type CredentialsService,
  makeCredentialsService,
  restateCredentialsOf,
} from "./credentials.service.ts";
export {
  hasResidency,
  insertCredential,
  insertReceipt,
  lockCredential,
  parseKind,
  parseState,
  parseStoredGrade,
  selectCredential,
  selectDoorGroups,
  selectKeyVersion,
  selectLegacyUntil,
  updateState,
} from "./credentials.store.ts";
export { duressContext, type Enroller, identifierContext, makeEnroller } from "./enrolment.ts";
export { demandLegacyEnd } from "./legacy-end.ts";
