import { CryptoError } from "./crypto-error.ts";

/** Argon2id's cost (RFC 9106 §3.1). */
export interface Argon2Cost {
  /** m: memory in KiB, at least 8 for each lane. */
  readonly memoryKib: number;
  /** t: passes over the memory. */
  readonly passes: number;
  /** p: lanes. */
  readonly lanes: number;
}

/**
 * Argon2id (RFC 9106), version 0x13, without secret and associated data: for what people must remember and machines could
 * try out.
 *
 * @param salt at least 8 bytes
 * @param lengthBytes of the result, at least 4
 * @throws {CryptoError} `bad-length` for a cost, salt or length out of range
 */
export type Argon2id = (
  password: Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
  lengthBytes: number,
) => Promise<Uint8Array>;

const MAX_MEMORY_KIB = 4 * 1024 * 1024;

/** RFC 9106 §3.1, and bounds that keep a file from another's hand from eating a machine. */
export function requireArgon2(salt: Uint8Array, cost: Argon2Cost, lengthBytes: number): void {
  const { memoryKib, passes, lanes } = cost;
  const fits =
    [memoryKib, passes, lanes, lengthBytes].every(Number.isSafeInteger) &&
    lanes >= 1 &&
    lanes <= 255 &&
    passes >= 1 &&
    passes <= 255 &&
    memoryKib >= 8 * lanes &&
    memoryKib <= MAX_MEMORY_KIB &&
    salt.length >= 8 &&
    lengthBytes >= 4 &&
    lengthBytes <= 1024;
  if (!fits) throw new CryptoError("bad-length", "expected a cost, salt and length that Argon2id knows");
}
