import * as nodeCrypto from "node:crypto";
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
import { secretOf } from "./secret-of.ts";
import { x25519Agree, x25519PublicKey } from "./x25519.ts";

const GCM_TAG_BYTES = 16;

/** FIPS 197 through `node:crypto`; see {@link Primitives.aesEncryptBlock}. */
export const aesEncryptBlock: Primitives["aesEncryptBlock"] = (key, block) => {
  requireAesKey(key);
  requireLength("an AES block", block, 16);
  return unpadded(nodeCrypto.createCipheriv(`aes-${key.length * 8}-ecb`, secretOf(key), null), block);
};

/** See {@link Primitives.aesCbcEncrypt}. */
export const aesCbcEncrypt: Primitives["aesCbcEncrypt"] = (key, iv, data) => {
  requireCbc(key, iv, data);
  return unpadded(nodeCrypto.createCipheriv(`aes-${key.length * 8}-cbc`, secretOf(key), iv), data);
};

/** See {@link Primitives.aesCbcDecrypt}. */
export const aesCbcDecrypt: Primitives["aesCbcDecrypt"] = (key, iv, data) => {
  requireCbc(key, iv, data);
  return unpadded(nodeCrypto.createDecipheriv(`aes-${key.length * 8}-cbc`, secretOf(key), iv), data);
};

/** RFC 4493; `node:crypto` has no CMAC of its own. See {@link Primitives.aesCmac}. */
export const aesCmac: Primitives["aesCmac"] = (key, message) => {
  const l = aesEncryptBlock(key, new Uint8Array(16));
  const blocks = Math.max(1, Math.ceil(message.length / 16));
  const lastOffset = (blocks - 1) * 16;
  const complete = message.length === blocks * 16;

  const padded = new Uint8Array(blocks * 16);
  padded.set(message);
  if (!complete) padded[message.length] = 0x80;
  const subkey = complete ? doubled(l) : doubled(doubled(l));
  for (let i = 0; i < 16; i += 1) {
    padded[lastOffset + i] = (padded[lastOffset + i] ?? 0) ^ (subkey[i] ?? 0);
  }
  return aesCbcEncrypt(key, new Uint8Array(16), padded).slice(lastOffset);
};

/** See {@link Primitives.sha256}. */
export const sha256: Primitives["sha256"] = (bytes) => plain(nodeCrypto.hash("sha256", bytes, "buffer"));

/** SHA-1 (FIPS 180-4), 20 bytes: for identifiers that a protocol forms with it. It withstands no forger. */
export const sha1 = (bytes: Uint8Array): Uint8Array => plain(nodeCrypto.hash("sha1", bytes, "buffer"));

/** See {@link Primitives.hmacSha256}. */
export const hmacSha256: Primitives["hmacSha256"] = (key, data) =>
  plain(nodeCrypto.createHmac("sha256", secretOf(key)).update(data).digest());

/** See {@link Primitives.hkdfSha256}. */
export const hkdfSha256: Primitives["hkdfSha256"] = (ikm, salt, info, lengthBytes) => {
  requireHkdfLength(lengthBytes);
  // RFC 5869 by hand, because `hkdfSync` refuses `info` above 1024 bytes.
  const extracted = secretOf(hmacSha256(salt, ikm));
  const okm = new Uint8Array(Math.ceil(lengthBytes / 32) * 32);
  let previous: Uint8Array = new Uint8Array();
  for (let offset = 0, counter = 1; offset < okm.length; offset += 32, counter += 1) {
    const hmac = nodeCrypto.createHmac("sha256", extracted);
    previous = plain(hmac.update(previous).update(info).update(Uint8Array.of(counter)).digest());
    okm.set(previous, offset);
  }
  return okm.slice(0, lengthBytes);
};

/** See {@link Primitives.aesGcmSeal}. */
export const aesGcmSeal: Primitives["aesGcmSeal"] = (key, nonce, plaintext, aad) => {
  requireGcm(key, nonce);
  const cipher = nodeCrypto.createCipheriv(gcmOf(key), secretOf(key), nonce, {
    authTagLength: GCM_TAG_BYTES,
  });
  if (aad !== undefined) cipher.setAAD(aad);
  return plain(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
};

/** See {@link Primitives.aesGcmOpen}. */
export const aesGcmOpen: Primitives["aesGcmOpen"] = (key, nonce, sealed, aad) => {
  requireGcm(key, nonce);
  if (sealed.length < GCM_TAG_BYTES) return undefined;
  const tagOffset = sealed.length - GCM_TAG_BYTES;
  const decipher = nodeCrypto.createDecipheriv(gcmOf(key), secretOf(key), nonce, {
    authTagLength: GCM_TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(tagOffset));
  if (aad !== undefined) decipher.setAAD(aad);
  const plaintext = decipher.update(sealed.subarray(0, tagOffset));
  try {
    return plain(Buffer.concat([plaintext, decipher.final()]));
  } catch {
    // `final` has one failure with these lengths: the tag. What was decrypted must not be seen.
    plaintext.fill(0);
    return undefined;
  }
};

/** See {@link Primitives.constantTimeEqual}. */
export const constantTimeEqual: Primitives["constantTimeEqual"] = (a, b) =>
  a.length === b.length && nodeCrypto.timingSafeEqual(a, b);

/** See {@link Primitives.randomBytes}. */
export const randomBytes: Primitives["randomBytes"] = (lengthBytes) => {
  requireRandomLength(lengthBytes);
  return plain(nodeCrypto.randomBytes(lengthBytes));
};

/** See {@link Primitives.totp}. */
export const totp: Primitives["totp"] = makeTotp((hash, key, data) =>
  plain(nodeCrypto.createHmac(hash, secretOf(key)).update(data).digest()),
);

/** `node:crypto` behind {@link Primitives}. */
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

/** RFC 4493 §2.3: multiplication by x in GF(2^128). */
function doubled(block: Uint8Array): Uint8Array {
  const shifted = new Uint8Array(16);
  for (let i = 0; i < 16; i += 1) {
    shifted[i] = ((block[i] ?? 0) << 1) | ((block[i + 1] ?? 0) >> 7);
  }
  if ((block[0] ?? 0) & 0x80) shifted[15] = (shifted[15] ?? 0) ^ 0x87;
  return shifted;
}

function gcmOf(key: Uint8Array): nodeCrypto.CipherGCMTypes {
  return key.length === 16 ? "aes-128-gcm" : key.length === 24 ? "aes-192-gcm" : "aes-256-gcm";
}

function unpadded(cipher: nodeCrypto.Cipheriv | nodeCrypto.Decipheriv, data: Uint8Array): Uint8Array {
  cipher.setAutoPadding(false);
  const body = cipher.update(data);
  cipher.final();
  return plain(body);
}

/** A copy that is no `Buffer`, so that both modules answer with the same class and share no pool memory. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}
