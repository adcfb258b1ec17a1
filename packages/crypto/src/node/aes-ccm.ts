import * as nodeCrypto from "node:crypto";
import { type CcmOptions, requireCcm } from "../aes-ccm.ts";
import { secretOf } from "./secret-of.ts";

/**
 * AES-CCM (RFC 3610, SP 800-38C): ciphertext followed by the tag. A nonce must never repeat under one key.
 *
 * @param key 16, 24 or 32 bytes
 * @param nonce 7 to 13 bytes
 * @throws {CryptoError} `bad-length`
 */
export function aesCcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  options: CcmOptions = {},
): Uint8Array {
  requireCcm(key, nonce, plaintext.length, options);
  const { tagBytes: authTagLength = 16, aad } = options;
  const cipher = nodeCrypto.createCipheriv(ccmOf(key), secretOf(key), nonce, { authTagLength });
  if (aad !== undefined) cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const body = cipher.update(plaintext);
  cipher.final();
  return new Uint8Array(Buffer.concat([body, cipher.getAuthTag()]));
}

/**
 * Opens what {@link aesCcmSeal} made.
 *
 * @returns the plaintext, or `undefined` when the tag does not verify or the input is shorter than a tag
 * @throws {CryptoError} `bad-length` for key, nonce or options
 */
export function aesCcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  options: CcmOptions = {},
): Uint8Array | undefined {
  const { tagBytes: authTagLength = 16, aad } = options;
  const textBytes = sealed.length - authTagLength;
  requireCcm(key, nonce, Math.max(0, textBytes), options);
  if (textBytes < 0) return undefined;
  const decipher = nodeCrypto.createDecipheriv(ccmOf(key), secretOf(key), nonce, { authTagLength });
  decipher.setAuthTag(sealed.subarray(textBytes));
  if (aad !== undefined) decipher.setAAD(aad, { plaintextLength: textBytes });
  try {
    // CCM verifies before it lets anything out: `update` is what fails.
    const plaintext = new Uint8Array(decipher.update(sealed.subarray(0, textBytes)));
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}

function ccmOf(key: Uint8Array): nodeCrypto.CipherCCMTypes {
  return key.length === 16 ? "aes-128-ccm" : key.length === 24 ? "aes-192-ccm" : "aes-256-ccm";
}
