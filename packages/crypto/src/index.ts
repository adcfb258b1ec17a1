/**
 * Cryptographic primitives for any JavaScript runtime, browsers included (`@noble/*`, WebCrypto for HPKE).
 * `@menshen/crypto/node` exports the same names over `node:crypto`.
 */
export * from "./browser/aes-ccm.ts";
export { argon2id } from "./browser/argon2id.ts";
export * from "./browser/p256-agree.ts";
export * from "./browser/p256-points.ts";
export * from "./browser/signatures.ts";
export * from "./browser/symmetric.ts";
export * from "./browser/x25519.ts";
export * from "./shared.ts";
