import { cbc, cmac, ecb, gcm } from "@noble/ciphers/aes.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256, sha512 } from "@noble/hashes/sha2.js";
import {
  requireAesKey,
  requireCbc,
  requireGcm,
  requireHkdfLength,
  requireLength,
  requireRandomLength,
} from "../checks.ts";
import type { Primitives } from "../primitives.ts";
import { makeTotp } from "../totp.ts";
import { x25519Agree, x25519PublicKey } from "./x25519.ts";

// NOTE: table-based AES in JavaScript is not constant in time. Servers and gates use `./node`; here the
// keys are the user's own.
const noPadding = { disablePadding: true };

/** See {@link Primitives.aesEncryptBlock}. */
export const aesEncryptBlock: Primitives["aesEncryptBlock"] = (key, block) => {
  requireAesKey(key);
  requireLength("an AES block", block, 16);
  return ecb(key, noPadding).encrypt(block);
};

/** See {@link Primitives.aesCbcEncrypt}. */
export const aesCbcEncrypt: Primitives["aesCbcEncrypt"] = (key, iv, data) => {
  requireCbc(key, iv, data);
  return data.length === 0 ? new Uint8Array() : cbc(key, iv, noPadding).encrypt(data);
};

/** See {@link Primitives.aesCbcDecrypt}. */
export const aesCbcDecrypt: Primitives["aesCbcDecrypt"] = (key, iv, data) => {
  requireCbc(key, iv, data);
  return data.length === 0 ? new Uint8Array() : cbc(key, iv, noPadding).decrypt(data);
};

/** See {@link Primitives.aesCmac}. */
export const aesCmac: Primitives["aesCmac"] = (key, message) => {
  requireAesKey(key);
  return cmac(message, key);
};

/** See {@link Primitives.sha256}. */
export const sha256: Primitives["sha256"] = (bytes) => nobleSha256(bytes);

/** SHA-1 (FIPS 180-4), 20 bytes: for identifiers that a protocol forms with it. It withstands no forger. */
export const sha1 = (bytes: Uint8Array): Uint8Array => nobleSha1(bytes);

/** See {@link Primitives.hmacSha256}. */
export const hmacSha256: Primitives["hmacSha256"] = (key, data) => hmac(nobleSha256, key, data);

/** See {@link Primitives.hkdfSha256}. */
export const hkdfSha256: Primitives["hkdfSha256"] = (ikm, salt, info, lengthBytes) => {
  requireHkdfLength(lengthBytes);
  return hkdf(nobleSha256, ikm, salt, info, lengthBytes);
};

/** See {@link Primitives.aesGcmSeal}. */
export const aesGcmSeal: Primitives["aesGcmSeal"] = (key, nonce, plaintext, aad) => {
  requireGcm(key, nonce);
  return gcm(key, nonce, aad).encrypt(plaintext);
};

/** See {@link Primitives.aesGcmOpen}. */
export const aesGcmOpen: Primitives["aesGcmOpen"] = (key, nonce, sealed, aad) => {
  requireGcm(key, nonce);
  try {
    return gcm(key, nonce, aad).decrypt(sealed);
  } catch {
    // Key and nonce fit: what is left is a tag that does not verify, or input shorter than a tag.
    return undefined;
  }
};

/** See {@link Primitives.constantTimeEqual}. */
export const constantTimeEqual: Primitives["constantTimeEqual"] = (a, b) => {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
};

/** See {@link Primitives.randomBytes}. */
export const randomBytes: Primitives["randomBytes"] = (lengthBytes) => {
  requireRandomLength(lengthBytes);
  return globalThis.crypto.getRandomValues(new Uint8Array(lengthBytes));
};

const hashes = { sha1: nobleSha1, sha256: nobleSha256, sha512 };

/** See {@link Primitives.totp}. */
export const totp: Primitives["totp"] = makeTotp((hash, key, data) => hmac(hashes[hash], key, data));

/** `@noble/*` behind {@link Primitives}. */
export const primitives: Primitives = {
  aesEncryptBlock,
  aesCbcEncrypt,
  aesCbcDecrypt,
  aesCmac,
  sha256,
  hmacSha256,
  hkdfSha256,
  aesGcmSeal,
  aesGcmOpen,
  x25519PublicKey,
  x25519Agree,
  constantTimeEqual,
  randomBytes,
  totp,
};
