export { makeSignIn, type SignIn } from "./sign-in.ts";
