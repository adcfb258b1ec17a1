export { residentPasskeysRoutes } from "./resident-passkeys.routes.ts";
export { makeResidentPasskeysService } from "./resident-passkeys.service.ts";
