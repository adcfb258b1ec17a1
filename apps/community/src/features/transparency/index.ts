export { catchUp } from "./catch-up.ts";
export { homesRoutes } from "./homes.routes.ts";
export { makeHomesService } from "./homes.service.ts";
export { makePathCountsService, type PathCountsService } from "./path-counts.service.ts";
export { makeProofsService, type ProofsAnswer, type ProofsService } from "./proofs.service.ts";
export { selectResidents } from "./proofs.store.ts";
export { type CredentialRegister, makeCredentialRegister } from "./register.ts";
