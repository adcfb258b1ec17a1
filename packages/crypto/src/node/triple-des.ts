import * as nodeCrypto from "node:crypto";
import { requireLength } from "../checks.ts";
import { CryptoError } from "../crypto-error.ts";
import { secretOf } from "./secret-of.ts";

/**
 * Triple DES with two keys, CBC without padding (SP 800-67): only to take over the key that a DESFire card has from its
 * factory. With both halves equal it is single DES. Never for anything that is to stay secret.
 *
 * @param key 16 bytes
 * @param iv 8 bytes
 * @param data a multiple of 8 bytes
 * @throws {CryptoError} `bad-length`
 */
export type TripleDesCbc = (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array;

/** See {@link TripleDesCbc}. */
export const tripleDesCbcEncrypt: TripleDesCbc = (key, iv, data) => {
  requireInput(key, iv, data);
  return unpadded(nodeCrypto.createCipheriv(CIPHER, secretOf(threeKeys(key)), iv), data);
};

/** Inverse of {@link tripleDesCbcEncrypt}. */
export const tripleDesCbcDecrypt: TripleDesCbc = (key, iv, data) => {
  requireInput(key, iv, data);
  return unpadded(nodeCrypto.createDecipheriv(CIPHER, secretOf(threeKeys(key)), iv), data);
};

/** Three keys, the third being the first: OpenSSL offers this form with every provider. */
const CIPHER = "des-ede3-cbc";

function threeKeys(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, key.subarray(0, 8)]);
}

function requireInput(key: Uint8Array, iv: Uint8Array, data: Uint8Array): void {
  requireLength("a key of two DES keys", key, 16);
  requireLength("an IV", iv, 8);
  if (data.length % 8 !== 0) throw new CryptoError("bad-length", "expected whole blocks of 8 bytes");
}

function unpadded(cipher: nodeCrypto.Cipheriv | nodeCrypto.Decipheriv, data: Uint8Array): Uint8Array {
  cipher.setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final()]));
}
