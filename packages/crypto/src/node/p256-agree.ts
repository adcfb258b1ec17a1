import * as nodeCrypto from "node:crypto";
import { requireP256Scalar } from "../signature-keys.ts";

/**
 * ECDH on P-256 (SP 800-56A §5.7.1.2): the 32-byte x coordinate of the shared point.
 *
 * @param secretKey 32-byte scalar, big-endian
 * @param publicKey the other side's uncompressed point, `04 || x || y`, 65 bytes
 * @returns the shared bytes, or `undefined` when `publicKey` is no such point of the curve
 * @throws {CryptoError} `bad-length`; `bad-key` unless 0 < scalar < group order
 */
export function p256Agree(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  requireP256Scalar(secretKey);
  if (publicKey.length !== 65 || publicKey[0] !== 4) return undefined;
  const ecdh = nodeCrypto.createECDH("prime256v1");
  ecdh.setPrivateKey(secretKey);
  try {
    return new Uint8Array(ecdh.computeSecret(publicKey));
  } catch {
    return undefined; // the bytes are no point of the curve
  }
}
