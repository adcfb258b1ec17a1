import { RISTRETTO_BYTES, RistrettoElement, RistrettoScalar } from "@menshen/crypto";
import { CustodyError } from "./errors.ts";

/** ASCII text as bytes; domain tags are ASCII. */
export function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** An unsigned integer, big-endian, in `lengthBytes` bytes. */
export function unsigned(value: number, lengthBytes: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** lengthBytes) {
    throw new CustodyError("invalid-argument", `expected an integer of ${lengthBytes} bytes, got ${value}`);
  }
  const bytes = new Uint8Array(lengthBytes);
  let rest = value;
  for (let i = lengthBytes - 1; i >= 0; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** An unsigned integer, little-endian, as C2SP cocktail-dkg writes counts and lengths. */
export function littleEndian(value: number, lengthBytes: number): Uint8Array<ArrayBuffer> {
  return unsigned(value, lengthBytes).reverse();
}

/** Reads fields of fixed length in order; whatever does not fit is a `CustodyError`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  /** @throws {CustodyError} `too-large` */
  constructor(bytes: Uint8Array, maxBytes: number) {
    if (bytes.length > maxBytes) {
      throw new CustodyError("too-large", `expected at most ${maxBytes} bytes, got ${bytes.length}`);
    }
    this.#bytes = bytes;
  }

  /** A copy of the next `lengthBytes` bytes. */
  take(lengthBytes: number): Uint8Array<ArrayBuffer> {
    const end = this.#offset + lengthBytes;
    if (end > this.#bytes.length) throw malformed("an end before its last field");
    // Not `slice`: that of a Buffer, as a database driver gives it, is a view.
    const part = Uint8Array.from(this.#bytes.subarray(this.#offset, end));
    this.#offset = end;
    return part;
  }

  /** An unsigned integer, big-endian. */
  unsigned(lengthBytes: number): number {
    let value = 0;
    for (const byte of this.take(lengthBytes)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw malformed("an integer above 2^53 - 1");
    return value;
  }

  /** The leading text of a message, then its version. */
  header(magic: string, version: number): void {
    const expected = ascii(magic);
    const found = this.take(expected.length);
    if (expected.some((byte, i) => byte !== found[i])) throw malformed("another kind of message");
    const foundVersion = this.unsigned(1);
    if (foundVersion !== version) {
      throw new CustodyError("unknown-version", `expected version ${version}, got ${foundVersion}`);
    }
  }

  element(): RistrettoElement {
    const element = RistrettoElement.parse(this.take(RISTRETTO_BYTES));
    if (element === undefined) throw malformed("bytes that encode no group element, or the identity");
    return element;
  }

  scalar(): RistrettoScalar {
    const scalar = RistrettoScalar.parse(this.take(RISTRETTO_BYTES));
    if (scalar === undefined) throw malformed("a scalar not below the group's order");
    return scalar;
  }

  elements(count: number): RistrettoElement[] {
    return Array.from({ length: count }, () => this.element());
  }

  /** Nothing may follow the last field. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw malformed("bytes behind its end");
  }
}

/** The refusal of bytes that are no such message; `what` says what was found, never its content. */
export function malformed(what: string): CustodyError {
  return new CustodyError("malformed", `expected a well-formed message, got ${what}`);
}
