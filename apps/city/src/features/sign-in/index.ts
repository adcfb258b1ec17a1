export { makeOfficerPasskeys } from "./officer-passkeys.ts";
export { makeSignIn, type SignIn } from "./sign-in.ts";
