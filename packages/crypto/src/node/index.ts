/**
 * Cryptographic primitives over `node:crypto`: the same names as `@menshen/crypto`, and keys in PEM.
 */
export * from "../shared.ts";
export * from "./aes-ccm.ts";
export { argon2id } from "./argon2id.ts";
export * from "./blind-rsa.ts";
export * from "./p256-agree.ts";
export * from "./p256-points.ts";
export * from "./signatures.ts";
export * from "./symmetric.ts";
export * from "./triple-des.ts";
export * from "./x25519.ts";
