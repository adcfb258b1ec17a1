import { p256 } from "@noble/curves/nist.js";

/**
 * The whole point of a compressed P-256 key (SEC 1 §2.3.4).
 *
 * @param compressed 33 bytes, `02` or `03` and x
 * @returns 65 bytes, `04 || x || y`, or `undefined` when the bytes are no such point of the curve
 */
export function p256Decompress(compressed: Uint8Array): Uint8Array | undefined {
  if (compressed.length !== 33) return undefined;
  try {
    return p256.Point.fromBytes(compressed).toBytes(false);
  } catch {
    return undefined; // the bytes are no point of the curve
  }
}

/** Whether `publicKey` is an uncompressed point of P-256: 65 bytes, `04 || x || y`. */
export function isP256Point(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 65 || publicKey[0] !== 4) return false;
  try {
    p256.Point.fromBytes(publicKey).assertValidity();
    return true;
  } catch {
    return false;
  }
}
