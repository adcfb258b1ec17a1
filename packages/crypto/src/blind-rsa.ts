import { sha384 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes, fromHex, toHex } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";

// RSABSSA-SHA384-PSS-Randomized (RFC 9474 §5): the client's half, for any runtime. Signing and checking are in `./node`,
// where they are native. Nothing here raises to a secret power: the signer's key is not here, and the blinding only lasts
// for one message.

/** Random bytes before the message (RFC 9474 §4.1). */
export const BLIND_RSA_PREFIX_BYTES = 32;
const HASH_BYTES = 48;
const SALT_BYTES = 48;
/** 1.2.840.113549.1.1.1 with its NULL, as it stands in a SubjectPublicKeyInfo (RFC 8017 appendix A.1). */
const RSA_ALGORITHM = fromHex("300d06092a864886f70d0101010500");
const MIN_MODULUS_BYTES = 256;
const MAX_MODULUS_BYTES = 512;

/** A message on its way to a signer who must not see it. */
export interface BlindRsaRequest {
  /** What the signature will be over: the random prefix, then the message. */
  readonly prepared: Uint8Array;
  /** What the signer gets; as long as the modulus. */
  readonly blinded: Uint8Array;
  /** What takes the blinding off again. A secret: with it, request and token can be brought together. */
  readonly inverse: Uint8Array;
}

/**
 * Blinds a message (RFC 9474 §4.1, §4.2).
 *
 * @param publicKey the signer's key, DER SubjectPublicKeyInfo, 2,048 to 4,096 bits
 * @param random the operating system's generator in production; asked for prefix, salt and blinding factor, in that order
 * @throws {CryptoError} `bad-key` for a key that is none of these
 */
export function blindRsaRequest(
  publicKey: Uint8Array,
  message: Uint8Array,
  random: (lengthBytes: number) => Uint8Array,
): BlindRsaRequest {
  const { n, e, lengthBytes, bits } = readRsaKey(publicKey);
  const prepared = concatBytes(random(BLIND_RSA_PREFIX_BYTES), message);
  const encoded = toNumber(encodePss(prepared, random(SALT_BYTES), bits - 1));
  if (inverseOf(encoded, n) === undefined)
    throw new CryptoError("bad-key", "expected a modulus of two primes");
  for (;;) {
    const factor = toNumber(random(lengthBytes));
    // RFC 9474 §4.2: uniform between 1 and n, so what lies beyond is drawn again.
    const inverse = factor < n ? inverseOf(factor, n) : undefined;
    if (inverse === undefined) continue;
    const blinded = (encoded * power(factor, e, n)) % n;
    return {
      prepared,
      blinded: toBytes(blinded, lengthBytes),
      inverse: toBytes(inverse, lengthBytes),
    };
  }
}

/**
 * Takes the blinding off a signature, and checks it (RFC 9474 §4.4).
 *
 * @returns the signature over `request.prepared`, or `undefined` when the signer did not sign what it was given
 * @throws {CryptoError} `bad-key`
 */
export function blindRsaFinish(
  publicKey: Uint8Array,
  request: BlindRsaRequest,
  blindSignature: Uint8Array,
): Uint8Array | undefined {
  const { n, e, lengthBytes, bits } = readRsaKey(publicKey);
  if (blindSignature.length !== lengthBytes || request.inverse.length !== lengthBytes) return undefined;
  const signature = (toNumber(blindSignature) * toNumber(request.inverse)) % n;
  const encoded = power(signature, e, n);
  if (encoded >> BigInt(bits - 1) !== 0n) return undefined;
  const encodedBytes = toBytes(encoded, Math.ceil((bits - 1) / 8));
  return verifyPss(request.prepared, encodedBytes, bits - 1) ? toBytes(signature, lengthBytes) : undefined;
}

/** EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with SHA-384, MGF1 and this salt. */
function encodePss(message: Uint8Array, salt: Uint8Array, encodedBits: number): Uint8Array {
  const lengthBytes = Math.ceil(encodedBits / 8);
  const hash = saltedHash(message, salt);
  const block = new Uint8Array(lengthBytes - HASH_BYTES - 1);
  block[block.length - SALT_BYTES - 1] = 1;
  block.set(salt, block.length - SALT_BYTES);
  return concatBytes(masked(block, hash, encodedBits), hash, Uint8Array.of(0xbc));
}

/** EMSA-PSS-VERIFY (RFC 8017 §9.1.2). */
function verifyPss(message: Uint8Array, encoded: Uint8Array, encodedBits: number): boolean {
  const hash = encoded.subarray(-HASH_BYTES - 1, -1);
  const maskedBlock = encoded.subarray(0, -HASH_BYTES - 1);
  const salt = masked(maskedBlock, hash, encodedBits).subarray(-SALT_BYTES);
  return equalBytes(encodePss(message, salt, encodedBits), encoded);
}

function saltedHash(message: Uint8Array, salt: Uint8Array): Uint8Array {
  return sha384(concatBytes(new Uint8Array(8), sha384(message), salt));
}

/** The block under its mask, or out of it: MGF1 (RFC 8017 appendix B.2.1), and zeros above the encoded bits. */
function masked(block: Uint8Array, seed: Uint8Array, encodedBits: number): Uint8Array {
  const out = block.slice();
  for (let counter = 0; counter * HASH_BYTES < out.length; counter += 1) {
    const mask = sha384(concatBytes(seed, Uint8Array.of(0, 0, counter >> 8, counter & 0xff)));
    for (let i = 0; i < HASH_BYTES && counter * HASH_BYTES + i < out.length; i += 1) {
      const at = counter * HASH_BYTES + i;
      out[at] = (out[at] ?? 0) ^ (mask[i] ?? 0);
    }
  }
  const unusedBits = 8 * Math.ceil(encodedBits / 8) - encodedBits;
  out[0] = (out[0] ?? 0) & (0xff >> unusedBits);
  return out;
}

interface RsaNumbers {
  readonly n: bigint;
  readonly e: bigint;
  readonly lengthBytes: number;
  readonly bits: number;
}

/** Reads `SEQUENCE { algorithm, BIT STRING { SEQUENCE { INTEGER n, INTEGER e } } }` in DER, and nothing else. */
function readRsaKey(spki: Uint8Array): RsaNumbers {
  const outer = derValue(spki, 0, 0x30, true);
  const afterAlgorithm = outer.start + RSA_ALGORITHM.length;
  if (!equalBytes(spki.subarray(outer.start, afterAlgorithm), RSA_ALGORITHM)) throw badKey();
  const bitString = derValue(spki, afterAlgorithm, 0x03, true);
  if (spki[bitString.start] !== 0) throw badKey();
  const inner = derValue(spki, bitString.start + 1, 0x30, true);
  const modulus = derValue(spki, inner.start, 0x02, false);
  const exponent = derValue(spki, modulus.end, 0x02, true);
  const n = toNumber(spki.subarray(modulus.start, modulus.end));
  const e = toNumber(spki.subarray(exponent.start, exponent.end));
  const bits = n.toString(2).length;
  const lengthBytes = Math.ceil(bits / 8);
  const usable =
    lengthBytes >= MIN_MODULUS_BYTES && lengthBytes <= MAX_MODULUS_BYTES && (n & 1n) === 1n && e === 65_537n;
  if (!usable) throw badKey();
  return { n, e, lengthBytes, bits };
}

function derValue(
  bytes: Uint8Array,
  offset: number,
  tag: number,
  toTheEnd: boolean,
): { readonly start: number; readonly end: number } {
  const first = bytes[offset + 1] ?? 0;
  const width = first < 0x80 ? 0 : first & 0x7f;
  if (bytes[offset] !== tag || width > 2) throw badKey();
  const start = offset + 2 + width;
  let lengthBytes = width === 0 ? first : 0;
  for (let i = 0; i < width; i += 1) lengthBytes = lengthBytes * 256 + (bytes[offset + 2 + i] ?? 0);
  const end = start + lengthBytes;
  if (end > bytes.length || (toTheEnd && end !== bytes.length)) throw badKey();
  return { start, end };
}

/** The inverse modulo n by the extended Euclidean algorithm, if there is one. */
function inverseOf(value: bigint, n: bigint): bigint | undefined {
  let [remainder, next] = [n, value % n];
  let [coefficient, nextCoefficient] = [0n, 1n];
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [coefficient, nextCoefficient] = [nextCoefficient, coefficient - quotient * nextCoefficient];
  }
  return remainder === 1n ? (coefficient + n) % n : undefined;
}

function power(base: bigint, exponent: bigint, n: bigint): bigint {
  let result = 1n;
  for (let square = base % n, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % n) {
    if ((rest & 1n) === 1n) result = (result * square) % n;
  }
  return result;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

function toBytes(value: bigint, lengthBytes: number): Uint8Array {
  return fromHex(value.toString(16).padStart(lengthBytes * 2, "0"));
}

function badKey(): CryptoError {
  return new CryptoError("bad-key", "expected an RSA key of 2048 to 4096 bits with exponent 65537");
}
