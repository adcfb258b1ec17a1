import { encode, rfc8949EncodeOptions } from "cborg";
import { CborReader } from "./cbor-reader.ts";
import { WireError } from "./errors.ts";

/** What the messages of this package are made of: no floats, no tags, no null. Messages have integer keys. */
export type Cbor =
  | number
  | boolean
  | string
  | Uint8Array
  | readonly Cbor[]
  | ReadonlyMap<number | string, Cbor>;

/** Deterministic encoding (RFC 8949 §4.2.1) of a value. */
export function encodeCbor(value: Cbor): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/**
 * Decodes exactly one item that takes all of `bytes`; byte strings in it are views of `bytes`. Whoever reads a field
 * checks its kind.
 *
 * @throws {WireError} `too-large` above `maxBytes`; `malformed`; `not-canonical` (RFC 8949 §4.2.1: shortest forms,
 *   sorted keys, definite lengths).
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) {
    throw new WireError("too-large", `expected at most ${maxBytes} bytes, came ${bytes.length}`);
  }
  return new CborReader(bytes).readAll();
}
