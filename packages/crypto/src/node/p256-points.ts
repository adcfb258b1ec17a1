import * as nodeCrypto from "node:crypto";

/**
 * The whole point of a compressed P-256 key (SEC 1 §2.3.4).
 *
 * @param compressed 33 bytes, `02` or `03` and x
 * @returns 65 bytes, `04 || x || y`, or `undefined` when the bytes are no such point of the curve
 */
export function p256Decompress(compressed: Uint8Array): Uint8Array | undefined {
  if (compressed.length !== 33) return undefined;
  return uncompressed(compressed);
}

/** Whether `publicKey` is an uncompressed point of P-256: 65 bytes, `04 || x || y`. */
export function isP256Point(publicKey: Uint8Array): boolean {
  return publicKey.length === 65 && publicKey[0] === 4 && uncompressed(publicKey) !== undefined;
}

function uncompressed(point: Uint8Array): Uint8Array | undefined {
  try {
    const whole = nodeCrypto.ECDH.convertKey(point, "prime256v1", undefined, undefined, "uncompressed");
    return whole instanceof Uint8Array ? new Uint8Array(whole) : undefined;
  } catch {
    return undefined; // the bytes are no point of the curve
  }
}
