import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";

/** One data object of BER-TLV (ISO/IEC 7816-4 §5.2.2). */
export interface Tlv {
  /** Tag as one number, e.g. 0x5C or 0x7F21. */
  readonly tag: number;
  readonly value: Uint8Array;
  /** The whole object, tag and length included: what is signed where an object is signed. */
  readonly encoded: Uint8Array;
}

/** `interindustry`: tags of one or two bytes. `one-byte`: every tag is one byte, as in the BLE flow of PKOC. */
export type TagForm = "interindustry" | "one-byte";

/** Longest value that is written or read. */
const MAX_VALUE_BYTES = 0xffff;

/**
 * Bytes of one data object, its length in the fewest bytes.
 *
 * @throws {CredentialError} `bad-argument` for a tag above FFFF or a value above 65,535 bytes
 */
export function encodeTlv(tag: number, ...values: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const value = concatBytes(...values);
  if (!Number.isInteger(tag) || tag < 0 || tag > 0xffff || value.length > MAX_VALUE_BYTES) {
    throw new CredentialError("bad-argument", "expected a tag of two bytes and a value of up to 65535");
  }
  const tagBytes = tag > 0xff ? [tag >> 8, tag & 0xff] : [tag];
  return concatBytes(Uint8Array.from([...tagBytes, ...lengthBytes(value.length)]), value);
}

/**
 * Cuts bytes into data objects; values are views of `bytes`.
 *
 * @throws {CredentialError} `malformed` for a cut object, a length of more than two bytes or not in its shortest form, an
 *   indefinite length, or a tag that stands twice: a second one could say something else
 */
export function readTlvs(bytes: Uint8Array, tags: TagForm = "interindustry"): readonly Tlv[] {
  const objects: Tlv[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const { tag, value, end } = readOne(bytes, offset, tags);
    if (objects.some((object) => object.tag === tag)) throw malformed("each tag once");
    objects.push({ tag, value, encoded: bytes.subarray(offset, end) });
    offset = end;
  }
  return objects;
}

/**
 * The value of one object among others.
 *
 * @param lengthBytes how long it must be, if that is known
 * @throws {CredentialError} `malformed` when it is missing or of another length
 */
export function tlvValue(objects: readonly Tlv[], tag: number, lengthBytes?: number): Uint8Array {
  const found = objects.find((object) => object.tag === tag);
  if (found === undefined) throw malformed(`an object ${tag.toString(16)}`);
  if (lengthBytes !== undefined && found.value.length !== lengthBytes) {
    throw malformed(`${lengthBytes} bytes in object ${tag.toString(16)}`);
  }
  return found.value;
}

function readOne(
  bytes: Uint8Array,
  start: number,
  tags: TagForm,
): { readonly tag: number; readonly value: Uint8Array; readonly end: number } {
  let offset = start;
  const next = () => {
    const byte = bytes[offset];
    if (byte === undefined) throw malformed("a whole object");
    offset += 1;
    return byte;
  };
  let tag = next();
  // ISO/IEC 7816-4 §5.2.2.1: five bits of ones announce a second byte; a third is never used here.
  if (tags === "interindustry" && (tag & 0x1f) === 0x1f) {
    const second = next();
    if (second >= 0x80) throw malformed("a tag of at most two bytes");
    tag = (tag << 8) | second;
  }
  let valueBytes = next();
  if (valueBytes >= 0x80) {
    const width = valueBytes & 0x7f;
    if (width !== 1 && width !== 2) throw malformed("a length of at most two bytes");
    valueBytes = next();
    if (width === 2) valueBytes = (valueBytes << 8) | next();
    if (valueBytes < (width === 1 ? 0x80 : 0x100)) throw malformed("the shortest form of a length");
  }
  const end = offset + valueBytes;
  if (end > bytes.length) throw malformed("a whole value");
  return { tag, value: bytes.subarray(offset, end), end };
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function malformed(expected: string): CredentialError {
  return new CredentialError("malformed", `expected ${expected}`);
}
