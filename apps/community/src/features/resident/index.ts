export { type AccountsService, endResidentAccount, makeAccountsService } from "./accounts.service.ts";
export { readResidentCookie, writeResidentCookie } from "./cookie.ts";
export { demandSignature, demandSignatureOnce } from "./demand-signature.ts";
export { makeLooksService } from "./looks.service.ts";
export { makeReceiptsOfResidents } from "./receipts.service.ts";
export { residentRoutes } from "./resident.routes.ts";
export { lockAccount, selectAccountState } from "./resident.store.ts";
export {
  keyRefused,
  makeResidentSessionsService,
  type OpenedSession,
  type ResidentSessionsService,
} from "./resident-sessions.service.ts";
export { isSignedBy } from "./signed-by.ts";
