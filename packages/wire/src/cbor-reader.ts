import { WireError } from "./errors.ts";

/** Deeper than any message; stops hostile nesting long before the stack does. */
const MAX_DEPTH = 16;

/** Major types (RFC 8949 §3.1). */
const MAJOR = { uint: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** Smallest value that needs 1, 2, 4 and 8 bytes. */
const LEAST = [24, 0x100, 0x1_0000, 0x1_0000_0000];

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads deterministic CBOR (RFC 8949 §4.2.1) and nothing else: what it accepts has exactly one encoding, so nobody
 * needs to encode it again to know. Floats, tags, null and undefined have no place in these messages.
 *
 * Byte strings are views of the input, maps become `Map`, integers beyond ±(2^53 - 1) are refused.
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer's views would be Buffers, which compare and print otherwise.
    const isPlain = bytes.constructor === Uint8Array;
    this.#bytes = isPlain ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The one item that takes all of the input. Throws `WireError` `malformed` or `not-canonical`. */
  readAll(): unknown {
    const value = this.#item(0);
    if (this.#offset !== this.#bytes.length) throw malformed("no bytes behind the item");
    return value;
  }

  // --- item by item, for whoever knows what comes; each throws as `readAll` does, or `malformed` for another kind of item ---

  /** Whether nothing is left. */
  isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** Initial byte of the next item; −1 at the end. */
  peek(): number {
    return this.#bytes[this.#offset] ?? -1;
  }

  integer(): number {
    const initial = this.peek();
    // Below 24 the initial byte is the number.
    if (initial >= 0 && initial < 24) {
      this.#offset += 1;
      return initial;
    }
    const major = initial >> 5;
    if (major === MAJOR.uint) return this.#argument(initial & 31);
    if (major !== MAJOR.negative) throw malformed("an integer");
    const argument = this.#argument(initial & 31);
    if (argument === Number.MAX_SAFE_INTEGER) throw malformed("integers within 2^53");
    return -1 - argument;
  }

  bool(): boolean {
    return this.#simple(this.peek());
  }

  byteString(): Uint8Array {
    return this.#take(this.#argumentOf(MAJOR.bytes));
  }

  textString(): string {
    return this.#text(this.#argumentOf(MAJOR.text));
  }

  /** How many items follow. */
  arrayLength(depth: number): number {
    const length = this.#argumentOf(MAJOR.array);
    this.#enter(length, depth);
    return length;
  }

  /** How many keys with their items follow; that keys rise is the caller's to see. */
  mapLength(depth: number): number {
    const length = this.#argumentOf(MAJOR.map);
    this.#enter(length * 2, depth);
    return length;
  }

  /** Whatever comes next. */
  item(depth: number): unknown {
    return this.#item(depth);
  }

  #argumentOf(major: number): number {
    const initial = this.peek();
    if (initial >> 5 !== major) throw malformed("another kind of item");
    return this.#argument(initial & 31);
  }

  #item(depth: number): unknown {
    const start = this.#offset;
    const initial = this.#bytes[start];
    if (initial === undefined) throw malformed("one more item");
    const major = initial >> 5;
    if (major === MAJOR.simple) return this.#simple(initial);
    const argument = this.#argument(initial & 31);
    switch (major) {
      case MAJOR.uint:
        return argument;
      case MAJOR.negative:
        if (argument === Number.MAX_SAFE_INTEGER) throw malformed("integers within 2^53");
        return -1 - argument;
      case MAJOR.bytes:
        return this.#take(argument);
      case MAJOR.text:
        return this.#text(argument);
      case MAJOR.array:
        return this.#array(argument, depth);
      case MAJOR.map:
        return this.#map(argument, depth);
      default:
        throw malformed("no tags");
    }
  }

  /** RFC 8949 §3: a value below 24 in the initial byte, else the shortest of 1, 2, 4 or 8 bytes behind it. */
  #argument(info: number): number {
    this.#offset += 1;
    if (info < 24) return info;
    if (info > 27) {
      throw info === 31 ? notCanonical("definite lengths") : malformed("no reserved lengths");
    }
    const width = 1 << (info - 24);
    const at = this.#offset;
    if (at + width > this.#bytes.length) throw malformed("a whole length");
    this.#offset = at + width;
    let value = 0;
    for (let i = at; i < at + width; i++) value = value * 0x100 + (this.#bytes[i] ?? 0);
    if (value < (LEAST[info - 24] ?? 0)) throw notCanonical("shortest forms");
    if (!Number.isSafeInteger(value)) throw malformed("integers within 2^53");
    return value;
  }

  #simple(initial: number): boolean {
    this.#offset += 1;
    if (initial === 0xf4) return false;
    if (initial === 0xf5) return true;
    throw malformed("no floats, null or undefined");
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw malformed("as many bytes as announced");
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  #text(length: number): string {
    try {
      return utf8.decode(this.#take(length));
    } catch (cause) {
      if (cause instanceof WireError) throw cause;
      throw new WireError("malformed", "expected UTF-8", { cause });
    }
  }

  #array(length: number, depth: number): readonly unknown[] {
    this.#enter(length, depth);
    const items: unknown[] = [];
    for (let i = 0; i < length; i++) items.push(this.#item(depth + 1));
    return items;
  }

  #map(length: number, depth: number): ReadonlyMap<unknown, unknown> {
    this.#enter(length * 2, depth);
    const map = new Map<unknown, unknown>();
    let before = -1;
    let beforeEnd = -1;
    for (let i = 0; i < length; i++) {
      const start = this.#offset;
      const keyMajor = (this.#bytes[start] ?? 0) >> 5;
      if (keyMajor > MAJOR.negative && keyMajor !== MAJOR.text) throw malformed("integers or text as keys");
      const key = this.#item(depth + 1);
      if (before >= 0 && !this.#rises(before, beforeEnd, start, this.#offset)) {
        throw notCanonical("sorted, unique keys");
      }
      before = start;
      beforeEnd = this.#offset;
      map.set(key, this.#item(depth + 1));
    }
    return map;
  }

  /** Every item takes a byte at least: a length that promises more than is left is refused before any work. */
  #enter(items: number, depth: number): void {
    if (depth >= MAX_DEPTH) throw malformed(`at most ${MAX_DEPTH} levels`);
    if (items > this.#bytes.length - this.#offset) throw malformed("as many items as announced");
  }

  /** RFC 8949 §4.2.1: bytewise lexicographic order of the encoded keys. */
  #rises(a: number, aEnd: number, b: number, bEnd: number): boolean {
    for (let i = 0; ; i++) {
      if (b + i >= bEnd) return false;
      if (a + i >= aEnd) return true;
      const difference = (this.#bytes[b + i] ?? 0) - (this.#bytes[a + i] ?? 0);
      if (difference !== 0) return difference > 0;
    }
  }
}

function malformed(expected: string): WireError {
  return new WireError("malformed", `expected ${expected}`);
}

function notCanonical(expected: string): WireError {
  return new WireError("not-canonical", `expected ${expected}`);
}
