export type { ConsentChanged, ConsentListener } from "./changed.ts";
export { consentRoutes } from "./consent.routes.ts";
export type { ConsentInForce, ConsentsService } from "./consents.service.ts";
export { type ConsentServices, makeConsents } from "./make-consents.ts";
