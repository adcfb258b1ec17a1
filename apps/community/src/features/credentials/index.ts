export { type CardKeys, cardTransactionKey, makeCardKeys, PRIVACY_KEY_VERSION } from "./card-keys.ts";
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
  insertDenial,
  insertReceipt,
  lockCredential,
  NOT_HANDED_OVER,
  parseKind,
  parseState,
  parseStoredGrade,
  personExists,
  selectCredential,
  selectDoorGroups,
  selectKeyVersion,
  selectLegacyUntil,
  updateState,
} from "./credentials.store.ts";
export {
  duressContext,
  type Enroller,
  type Enrolment,
  identifierContext,
  makeEnroller,
} from "./enrolment.ts";
export { demandLegacyEnd } from "./legacy-end.ts";
