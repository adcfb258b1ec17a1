import type { Primitives } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { doubleInGf128 } from "../ev2/gf128.ts";

// NXP AN12304, Leakage Resilient Primitive, with m = 4 (nibbles). On a server the leakage does not matter; what
// matters is to speak what a card in LRP mode speaks.

/** What LRP needs: single AES blocks, both directions. */
export type LrpPrimitives = Pick<Primitives, "aesEncryptBlock" | "aesCbcDecrypt">;

/** One LRP key in use: the 16 secret plaintexts and one updated key (AN12304 algorithms 1 and 2). */
export interface LrpKey {
  readonly primitives: LrpPrimitives;
  readonly plaintexts: readonly Uint8Array[];
  readonly updatedKey: Uint8Array;
}

const ZERO_BLOCK = new Uint8Array(16);
const FIVES = new Uint8Array(16).fill(0x55);
const TENS = new Uint8Array(16).fill(0xaa);

/**
 * Prepares a key (AN12304 §2.1): 16 plaintexts and the updated key of a number.
 *
 * @param key 16 bytes
 * @param updatedKeyNumber 0 for MACs, 1 for encryption in sessions; small
 * @throws {CredentialError} `bad-argument`
 */
export function makeLrpKey(primitives: LrpPrimitives, key: Uint8Array, updatedKeyNumber: number): LrpKey {
  if (key.length !== 16 || !Number.isInteger(updatedKeyNumber) || updatedKeyNumber < 0) {
    throw new CredentialError("bad-argument", "expected a 16-byte key and the number of an updated key");
  }
  const encrypt = primitives.aesEncryptBlock;
  const plaintexts: Uint8Array[] = [];
  for (let h = encrypt(key, FIVES); plaintexts.length < 16; h = encrypt(h, FIVES)) {
    plaintexts.push(encrypt(h, TENS));
  }
  let h = encrypt(key, TENS);
  for (let i = 0; i < updatedKeyNumber; i += 1) h = encrypt(h, FIVES);
  return { primitives, plaintexts, updatedKey: encrypt(h, TENS) };
}

/**
 * Evaluates LRP (AN12304 algorithm 3).
 *
 * @param nibbles values 0 to 15, most significant first
 * @param finalize whether the last encryption of zeros is done
 * @returns 16 bytes
 */
export function evaluateLrp(key: LrpKey, nibbles: Iterable<number>, finalize: boolean): Uint8Array {
  let y = key.updatedKey;
  for (const nibble of nibbles) {
    const plaintext = key.plaintexts[nibble];
    if (plaintext === undefined) throw new CredentialError("bad-argument", "expected nibbles of 0 to 15");
    y = key.primitives.aesEncryptBlock(y, plaintext);
  }
  return finalize ? key.primitives.aesEncryptBlock(y, ZERO_BLOCK) : y;
}

/** LRP-CMAC (AN12304 §3.3): 16 bytes over a message of any length. */
export function lrpCmac(key: LrpKey, message: Uint8Array): Uint8Array {
  const k0 = evaluateLrp(key, nibblesOf(ZERO_BLOCK), true);
  const lastOffset = message.length === 0 ? 0 : Math.floor((message.length - 1) / 16) * 16;
  const lastIsWhole = message.length - lastOffset === 16;
  const lastBlock = new Uint8Array(16);
  lastBlock.set(message.subarray(lastOffset));
  if (!lastIsWhole) lastBlock[message.length - lastOffset] = 0x80;
  const mask = lastIsWhole ? doubleInGf128(k0) : doubleInGf128(doubleInGf128(k0));

  let y: Uint8Array = ZERO_BLOCK;
  for (let offset = 0; offset < lastOffset; offset += 16) {
    y = evaluateLrp(key, nibblesOf(xor(y, message.subarray(offset, offset + 16))), true);
  }
  return evaluateLrp(key, nibblesOf(xor(xor(y, lastBlock), mask)), true);
}

/**
 * LRICB encryption (AN12304 §3.2): every block under its own key, evaluated from a counter.
 *
 * @param counter any number of bytes, big-endian; the first block uses it as it is and it wraps at its length
 * @param data whole blocks of 16 bytes
 * @throws {CredentialError} `bad-argument` for other lengths
 */
export function lricbEncrypt(key: LrpKey, counter: Uint8Array, data: Uint8Array): Uint8Array {
  return eachBlock(key, counter, data, (blockKey, block) => key.primitives.aesEncryptBlock(blockKey, block));
}

/** Inverse of {@link lricbEncrypt}. */
export function lricbDecrypt(key: LrpKey, counter: Uint8Array, data: Uint8Array): Uint8Array {
  return eachBlock(key, counter, data, (blockKey, block) =>
    key.primitives.aesCbcDecrypt(blockKey, ZERO_BLOCK, block),
  );
}

/** `counter` plus a number of blocks, modulo its length. */
export function advanceCounter(counter: Uint8Array, blocks: number): Uint8Array {
  const advanced = counter.slice();
  let carry = blocks;
  for (let i = advanced.length - 1; i >= 0 && carry > 0; i -= 1) {
    const sum = (advanced[i] ?? 0) + carry;
    advanced[i] = sum & 0xff;
    carry = Math.floor(sum / 256);
  }
  return advanced;
}

function eachBlock(
  key: LrpKey,
  counter: Uint8Array,
  data: Uint8Array,
  apply: (blockKey: Uint8Array, block: Uint8Array) => Uint8Array,
): Uint8Array {
  if (data.length % 16 !== 0 || counter.length === 0) {
    throw new CredentialError("bad-argument", "expected a counter and whole blocks of 16 bytes");
  }
  const result = new Uint8Array(data.length);
  for (let offset = 0; offset < data.length; offset += 16) {
    const blockCounter = advanceCounter(counter, offset / 16);
    const blockKey = evaluateLrp(key, nibblesOf(blockCounter), true);
    result.set(apply(blockKey, data.subarray(offset, offset + 16)), offset);
  }
  return result;
}

function nibblesOf(bytes: Uint8Array): readonly number[] {
  const nibbles: number[] = [];
  for (const byte of bytes) nibbles.push(byte >> 4, byte & 0x0f);
  return nibbles;
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}
