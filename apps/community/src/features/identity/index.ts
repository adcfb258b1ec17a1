export { hashToken, makeToken } from "@menshen/service-kit";
export { readSessionCookie } from "./cookie.ts";
export { identityRoutes } from "./identity.routes.ts";
export { passkeyRefused } from "./passkey-refused.ts";
export { makeRateLimit, type RateLimit } from "./rate-limit.ts";
export {
  type ActiveSession,
  makeSessionsService,
  type SessionsService,
} from "./sessions.service.ts";
export { makeStaffService, type StaffService } from "./staff.service.ts";
