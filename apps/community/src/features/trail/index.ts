export { linkPseudonym, selectCredentialBehind } from "./pseudonyms.store.ts";
export { trailRoutes } from "./trail.routes.ts";
export { makeTrailService, type TrailService } from "./trail.service.ts";
