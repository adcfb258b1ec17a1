import * as nodeCrypto from "node:crypto";

/** scrypt's cost (RFC 7914 §2): N, a power of two above 1, r and p. Memory is 128 · N · r bytes. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/**
 * scrypt (RFC 7914), for what people must remember and machines could try out. Runs beside the event loop.
 *
 * @param lengthBytes of the result
 * @throws {RangeError} for a cost that scrypt does not know
 */
export function scrypt(
  password: Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  lengthBytes: number,
): Promise<Uint8Array> {
  const { n, r, p } = cost;
  // Node counts its own overhead too; twice the vectors is enough for every cost.
  const options = { N: n, r, p, maxmem: 256 * n * r + 1_048_576 };
  return new Promise((resolve, reject) => {
    nodeCrypto.scrypt(password, salt, lengthBytes, options, (fault, key) => {
      if (fault === null) resolve(new Uint8Array(key));
      else reject(fault);
    });
  });
}
