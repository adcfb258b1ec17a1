/**
 * Cryptographic primitives over `node:crypto`: the same names as `@menshen/crypto`, and keys in PEM.
 */
export * from "../shared.ts";
export * from "./signatures.ts";
export * from "./symmetric.ts";
