export { catchUp } from "./catch-up.ts";
export { makeProofsService, type ProofsAnswer, type ProofsService } from "./proofs.service.ts";
export { type CredentialRegister, makeCredentialRegister } from "./register.ts";
