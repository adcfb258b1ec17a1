export { hashToken, makeToken } from "@menshen/service-kit";
export { readSessionCookie } from "./cookie.ts";
export { identityRoutes } from "./identity.routes.ts";
export { passkeyRefused, verifyPasskeyAnswer, type WebauthnSettings } from "./passkey-answer.ts";
export { makeRateLimit, type RateLimit } from "./rate-limit.ts";
export {
  type ActiveSession,
  makeSessionsService,
  PASSKEY_ALGORITHMS,
  type SessionsService,
} from "./sessions.service.ts";
export { makeStaffService, type StaffService } from "./staff.service.ts";
export { parseAuthentication, parseRegistration } from "./webauthn-json.ts";
