export { catchUp } from "./catch-up.ts";
export { type HomesService, makeHomesService } from "./homes.service.ts";
export { makePathCountsService, type PathCountsService } from "./path-counts.service.ts";
export { makeProofsService, type ProofsAnswer, type ProofsService } from "./proofs.service.ts";
export { selectResidents } from "./proofs.store.ts";
export { type CredentialRegister, makeCredentialRegister } from "./register.ts";
