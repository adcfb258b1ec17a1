import { decode, encode, rfc8949EncodeOptions, Tagged } from "cborg";
import { CredentialError } from "../../credential-error.ts";

/** Larger than any answer a device may give; refused before it is decoded. */
export const DOCUMENT_MAX_BYTES = 16_384;

/** Tags of RFC 8949 §3.4: a date as text, seconds since 1970, an encoded item inside bytes. */
export const CborTag = { dateTime: 0, epochSeconds: 1, encodedItem: 24 } as const;

/**
 * Reads one CBOR item: definite lengths, shortest numbers, no key twice, tags 0, 1 and 24 only. Keys may stand in any
 * order, since documents of other makers are signed as bytes and their order is theirs.
 *
 * @throws {CredentialError} `malformed`
 */
export function readCbor(bytes: Uint8Array): unknown {
  if (bytes.length > DOCUMENT_MAX_BYTES) throw malformed(`at most ${DOCUMENT_MAX_BYTES} bytes of CBOR`);
  try {
    const value: unknown = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowBigInt: false,
      allowInfinity: false,
      allowNaN: false,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      tags: Tagged.preserve(CborTag.dateTime, CborTag.epochSeconds, CborTag.encodedItem),
    });
    return value;
  } catch (cause) {
    // cborg throws plain errors for all kinds of malformed input, and overflows the stack on deep nesting.
    throw new CredentialError("malformed", "expected CBOR", { cause });
  }
}

/** Writes deterministic CBOR (RFC 8949 §4.2.1). */
export function writeCbor(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/** An item as bytes inside tag 24. */
export function encodedItem(value: unknown): Tagged {
  return new Tagged(CborTag.encodedItem, writeCbor(value));
}

/** Bytes inside tag 24, @throws {CredentialError} `malformed` */
export function encodedItemBytes(value: unknown, what: string): Uint8Array {
  if (value instanceof Tagged && value.tag === CborTag.encodedItem) return byteString(value.value, what);
  throw malformed(`${what} as an encoded item`);
}

/** A moment as documents write it: tag 0, 20 characters. Seconds since 1970-01-01T00:00:00Z. */
export function dateTime(seconds: number): Tagged {
  const text = new Date(seconds * 1000).toISOString();
  return new Tagged(CborTag.dateTime, `${text.slice(0, 19)}Z`);
}

/** Seconds since 1970 of a {@link dateTime}, @throws {CredentialError} `malformed` */
export function dateTimeSeconds(value: unknown, what: string): number {
  if (value instanceof Tagged && value.tag === CborTag.dateTime) {
    const text: unknown = value.value;
    if (typeof text === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) {
      const ms = Date.parse(text);
      if (!Number.isNaN(ms)) return ms / 1000;
    }
  }
  throw malformed(`${what} as a date of 20 characters`);
}

/** @throws {CredentialError} `malformed` */
export function mapOf(value: unknown, what: string): ReadonlyMap<unknown, unknown> {
  if (value instanceof Map) return value;
  throw malformed(`${what} as a map`);
}

/** @throws {CredentialError} `malformed`, also for more than `most` elements */
export function arrayOf(value: unknown, what: string, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= most) return value;
  throw malformed(`${what} as an array of at most ${most}`);
}

/** @throws {CredentialError} `malformed` */
export function byteString(value: unknown, what: string, lengthBytes?: number): Uint8Array {
  if (value instanceof Uint8Array && (lengthBytes === undefined || value.length === lengthBytes))
    return value;
  throw malformed(`${what} as bytes`);
}

/** @throws {CredentialError} `malformed` */
export function text(value: unknown, what: string): string {
  if (typeof value === "string" && value.length <= 64) return value;
  throw malformed(`${what} as text of at most 64 characters`);
}

/** A whole number of `least` to `most`, @throws {CredentialError} `malformed` */
export function wholeNumber(value: unknown, what: string, least: number, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw malformed(`${what} as a number of ${least} to ${most}`);
}

function malformed(expected: string): CredentialError {
  return new CredentialError("malformed", `expected ${expected}`);
}
