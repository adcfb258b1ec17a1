import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { WireError } from "./errors.ts";

/** What messages are made of: no floats, no tags, no null; text keys in policy documents only. */
export type Cbor =
  | number
  | boolean
  | string
  | Uint8Array
  | readonly Cbor[]
  | ReadonlyMap<number, Cbor>
  | ReadonlyMap<string, Cbor>;

/** Deterministic encoding (RFC 8949 §4.2.1) of a value. */
export function encodeCbor(value: Cbor): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/**
 * Decodes exactly one item that takes all of `bytes`. Maps become `Map`, integers beyond ±(2^53 - 1) are refused.
 * The result may still hold kinds of values that {@link Cbor} does not list; whoever reads a field checks it.
 *
 * @throws {WireError} `too-large` above `maxBytes`; `malformed`; `not-canonical` (RFC 8949 §4.2.1: shortest forms,
 *   sorted keys, definite lengths).
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) {
    throw new WireError("too-large", `expected at most ${maxBytes} bytes, came ${bytes.length}`);
  }
  const value = decodeStrict(bytes);
  // One comparison covers key order, float forms and invalid UTF-8, which a strict decoder lets through.
  if (!equal(reencode(value), bytes)) {
    throw new WireError("not-canonical", "expected the deterministic encoding of the value");
  }
  return value;
}

function decodeStrict(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowBigInt: false,
      useMaps: true,
      rejectDuplicateMapKeys: true,
    });
  } catch (cause) {
    // cborg throws plain errors for all it refuses, and a stack overflow on absurd nesting.
    const text = cause instanceof Error ? cause.message : "";
    if (/strict|indefinite|repeat map key/i.test(text)) {
      throw new WireError("not-canonical", "expected shortest forms, definite lengths and unique keys", {
        cause,
      });
    }
    throw new WireError("malformed", "expected one well-formed CBOR item", { cause });
  }
}

function reencode(value: unknown): Uint8Array {
  try {
    return encode(value, rfc8949EncodeOptions);
  } catch (cause) {
    throw new WireError("malformed", "expected map keys that have an order", { cause });
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
