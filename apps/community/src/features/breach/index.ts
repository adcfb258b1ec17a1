export { breachRoutes } from "./breach.routes.ts";
export { type IncidentsService, makeIncidentsService } from "./incidents.service.ts";
export { keepEvidence } from "./incidents.store.ts";
