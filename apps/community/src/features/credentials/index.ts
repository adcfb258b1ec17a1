export { type CardKeys, makeCardKeys } from "./card-keys.ts";
export { isKeyed } from "./card-kinds.ts";
export { credentialsRoutes } from "./credentials.routes.ts";
export {
  blockForMoveOut,
  type CredentialsService,
  identifierContext,
  makeCredentialsService,
  restateCredentialsOf,
} from "./credentials.service.ts";
export { parseKind, parseState, parseStoredGrade, selectCredential } from "./credentials.store.ts";
