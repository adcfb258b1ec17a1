import { ed25519, ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { requireLength } from "./checks.ts";
import { CryptoError } from "./crypto-error.ts";

const { Point } = ristretto255;
const { Fn } = Point;

/** Length of an encoded group element and of an encoded scalar (RFC 9496 §4.3). */
export const RISTRETTO_BYTES = 32;

/** Larger windows gain little and cost four times the memory each two bits. */
const TABLE_WINDOW_BITS = 6;

/** A source of random bytes; `randomBytes` of either entry point is one. */
export type RandomBytes = (lengthBytes: number) => Uint8Array;

/** SHA-512 (FIPS 180-4): 64 bytes. */
export function sha512(bytes: Uint8Array): Uint8Array {
  return nobleSha512(bytes);
}

/** An integer modulo the order of ristretto255, 2^252 + 27742317777372353535851937790883648493. */
export class RistrettoScalar {
  readonly #value: bigint;

  private constructor(value: bigint) {
    this.#value = value;
  }

  /**
   * The number of 32 bytes, little-endian (RFC 9496 §4.4).
   *
   * @returns `undefined` for another length and for a number not below the group's order
   */
  static parse(bytes: Uint8Array): RistrettoScalar | undefined {
    if (bytes.length !== RISTRETTO_BYTES) return undefined;
    const value = littleEndian(bytes);
    return value < Fn.ORDER ? new RistrettoScalar(value) : undefined;
  }

  /**
   * 64 uniform bytes, little-endian, reduced modulo the order; the bias is below 2^-250 (RFC 9496 §4.4).
   *
   * @throws {CryptoError} `bad-length`
   */
  static fromWideBytes(bytes: Uint8Array): RistrettoScalar {
    requireLength("a wide scalar", bytes, 64);
    return new RistrettoScalar(Fn.create(littleEndian(bytes)));
  }

  /** A uniform scalar, never zero. */
  static random(randomBytes: RandomBytes): RistrettoScalar {
    const scalar = RistrettoScalar.fromWideBytes(randomBytes(64));
    // Chance 2^-252. A second zero in a row is a broken generator, which no loop would mend.
    if (scalar.isZero) throw new CryptoError("bad-key", "expected random bytes, got a scalar of zero");
    return scalar;
  }

  /**
   * A small number, such as a participant's index.
   *
   * @throws {CryptoError} `bad-encoding` unless it is a non-negative safe integer
   */
  static of(value: number): RistrettoScalar {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new CryptoError("bad-encoding", `expected a non-negative integer, got ${value}`);
    }
    return new RistrettoScalar(BigInt(value));
  }

  get isZero(): boolean {
    return this.#value === 0n;
  }

  plus(other: RistrettoScalar): RistrettoScalar {
    return new RistrettoScalar(Fn.add(this.#value, other.#value));
  }

  minus(other: RistrettoScalar): RistrettoScalar {
    return new RistrettoScalar(Fn.sub(this.#value, other.#value));
  }

  times(other: RistrettoScalar): RistrettoScalar {
    return new RistrettoScalar(Fn.mul(this.#value, other.#value));
  }

  /** @throws {CryptoError} `bad-key` for zero */
  inverse(): RistrettoScalar {
    if (this.isZero) throw new CryptoError("bad-key", "expected a scalar other than zero");
    return new RistrettoScalar(Fn.inv(this.#value));
  }

  /** 32 bytes, little-endian. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(RISTRETTO_BYTES);
    let rest = this.#value;
    for (let i = 0; i < bytes.length; i += 1) {
      bytes[i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return bytes;
  }

  /** The number itself, for {@link RistrettoElement} only. */
  toBigInt(): bigint {
    return this.#value;
  }
}

/** An element of the prime-order group ristretto255 (RFC 9496). */
export class RistrettoElement {
  readonly #point: InstanceType<typeof Point>;
  /** Encoding costs half a multiplication by a table, and proofs hash the same element several times. */
  #encoded: Uint8Array | undefined;

  private constructor(point: InstanceType<typeof Point>) {
    this.#point = point;
  }

  /** The generator (RFC 9496 §4.1). */
  static readonly base = new RistrettoElement(Point.BASE);

  /**
   * Decodes 32 bytes (RFC 9496 §4.3.1).
   *
   * @returns `undefined` when they are no canonical encoding, and for the identity: no public key, commitment
   *   or ciphertext part may be it
   */
  static parse(bytes: Uint8Array): RistrettoElement | undefined {
    if (bytes.length !== RISTRETTO_BYTES) return undefined;
    try {
      const element = new RistrettoElement(Point.fromBytes(bytes));
      if (element.isIdentity) return undefined;
      // What was decoded is the one encoding.
      element.#encoded = Uint8Array.from(bytes);
      return element;
    } catch {
      return undefined; // the library throws on bytes that encode nothing
    }
  }

  /**
   * Hashes to an element of which nobody knows the discrete logarithm: hash_to_ristretto255 of RFC 9380
   * appendix B with SHA-512 (`ristretto255_XMD:SHA-512_R255MAP_RO_`).
   *
   * @param domain the tag that separates this use from every other
   */
  static hash(message: Uint8Array, domain: string): RistrettoElement {
    return new RistrettoElement(ristretto255_hasher.hashToCurve(message, { DST: domain }));
  }

  /** Whether it is the neutral element, encoded as 32 zero bytes. */
  get isIdentity(): boolean {
    return this.#point.is0();
  }

  plus(other: RistrettoElement): RistrettoElement {
    return new RistrettoElement(this.#point.add(other.#point));
  }

  minus(other: RistrettoElement): RistrettoElement {
    return new RistrettoElement(this.#point.subtract(other.#point));
  }

  /** The neutral element. */
  static readonly identity = new RistrettoElement(Point.ZERO);

  /**
   * Σ scalar · element by buckets (Pippenger 1976; Bernstein et al. 2012, "Faster batch forgery identification"): for many
   * terms some ten times as fast as one by one, and faster the shorter the scalars. Its time depends on the scalars: for
   * public ones only.
   */
  static sumOfProducts(terms: readonly ProductTerm[]): RistrettoElement {
    const values = terms.map(({ element, scalar }) => ({ point: element.#point, value: scalar.toBigInt() }));
    return new RistrettoElement(sumByBuckets(values.filter(({ value }) => value > 0n)));
  }

  /** Multiplies by a secret scalar, with the same sequence of group operations for every scalar. */
  times(scalar: RistrettoScalar): RistrettoElement {
    const value = scalar.toBigInt();
    return new RistrettoElement(value === 0n ? Point.ZERO : this.#point.multiply(value));
  }

  /**
   * The same element with a table of its multiples, by which {@link times} takes a fifth of the time. Making it takes as
   * long as ten multiplications, and it holds 1,400 points: for elements that are multiplied many times.
   *
   * The library adds a random multiple of the order to secrets of {@link base}; with a table of one's own it does not.
   * That guards a scalar used many times, which is what nobody should use this for.
   */
  tabled(): RistrettoElement {
    // A point of its own: the library finds the table by the point's identity.
    const point = Point.fromBytes(this.toBytes());
    point.precompute(TABLE_WINDOW_BITS, false);
    return new RistrettoElement(point);
  }

  /** Multiplies by a scalar that everyone may know; faster, and its time depends on the scalar. */
  timesPublic(scalar: RistrettoScalar): RistrettoElement {
    return new RistrettoElement(this.#point.multiplyUnsafe(scalar.toBigInt()));
  }

  /**
   * Four times this element, on the Edwards curve below. An element stands for points that differ by one of order 4 at most
   * (RFC 9496 §4.5); four times, they are one point. For tables of `small-multiples.ts`.
   */
  quadruple(): InstanceType<typeof ed25519.Point> {
    return ed25519.Point.fromAffine(this.#point.toAffine()).double().double();
  }

  equals(other: RistrettoElement): boolean {
    return this.#point.equals(other.#point);
  }

  /** 32 bytes (RFC 9496 §4.3.2). */
  toBytes(): Uint8Array<ArrayBuffer> {
    this.#encoded ??= this.#point.toBytes();
    return new Uint8Array(this.#encoded);
  }
}

/** One term of {@link RistrettoElement.sumOfProducts}. */
export interface ProductTerm {
  readonly element: RistrettoElement;
  readonly scalar: RistrettoScalar;
}

type GroupPoint = InstanceType<typeof Point>;

/** Digits are signed, so that half the buckets do: subtracting a point costs what adding it does. */
function sumByBuckets(terms: readonly { readonly point: GroupPoint; readonly value: bigint }[]): GroupPoint {
  const longest = terms.reduce((most, { value }) => (value > most ? value : most), 0n).toString(2).length;
  // Near log2 of the terms the additions into buckets and those of the buckets balance.
  const width = Math.max(2, Math.min(14, Math.floor(Math.log2(terms.length + 1)) - 3));
  // The last digit may carry into one more.
  const count = Math.floor(longest / width) + 1;
  const digits = terms.map(({ value }) => signedDigits(value, width, count));
  // A point is subtracted in half of its places.
  const negated = count > 2 ? terms.map(({ point }) => point.negate()) : [];
  let sum = Point.ZERO;
  for (let place = count - 1; place >= 0; place -= 1) {
    for (let doubling = 0; doubling < width; doubling += 1) sum = sum.double();
    const buckets = Array.from({ length: 2 ** (width - 1) + 1 }, (): GroupPoint | undefined => undefined);
    for (const [index, { point }] of terms.entries()) {
      const digit = digits[index]?.[place] ?? 0;
      if (digit === 0) continue;
      const at = Math.abs(digit);
      const bucket = buckets[at];
      const signed = digit > 0 ? point : (negated[index] ?? point.negate());
      buckets[at] = bucket === undefined ? signed : bucket.add(signed);
    }
    let running = Point.ZERO;
    let window = Point.ZERO;
    for (let digit = buckets.length - 1; digit > 0; digit -= 1) {
      const bucket = buckets[digit];
      if (bucket !== undefined) running = running.add(bucket);
      window = window.add(running);
    }
    sum = sum.add(window);
  }
  return sum;
}

/** Digits d with Σ d·2^(width·place) = value and |d| ≤ 2^(width-1). */
function signedDigits(value: bigint, width: number, count: number): Int16Array {
  const digits = new Int16Array(count);
  const base = 2 ** width;
  const mask = BigInt(base - 1);
  const shift = BigInt(width);
  let rest = value;
  let carry = 0;
  for (let place = 0; place < count; place += 1) {
    const digit = Number(rest & mask) + carry;
    carry = digit > base / 2 ? 1 : 0;
    digits[place] = carry === 1 ? digit - base : digit;
    rest >>= shift;
  }
  return digits;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return value;
}
