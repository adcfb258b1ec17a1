import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";

// BER-TLV (ISO/IEC 7816-4 §5.2.2, ITU-T X.690 §8.1) in the only form that PKOC and Aliro write: tags of one or two bytes,
// definite lengths in their shortest form. The same reader serves Aliro's certificates, which are DER.

/** One data object. Values are copies: what is read from them may be wiped. */
export interface Tlv {
  /** Tag as one number, e.g. 0x5C or 0x7F21. */
  readonly tag: number;
  readonly value: Uint8Array;
  /** The whole object, tag and length included: what is signed where an object is signed. */
  readonly encoded: Uint8Array;
}

/** `interindustry`: tags of one or two bytes. `one-byte`: every tag is one byte, as in the BLE flow of PKOC. */
export type TagForm = "interindustry" | "one-byte";

/** Data objects of which each tag stands once. */
export type TlvMap = ReadonlyMap<number, Tlv>;

/** More than any message or certificate has; the rest is refused before it costs time. */
const MAX_OBJECTS = 64;
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
 * Cuts bytes into data objects, all of them, in their order.
 *
 * @throws {CredentialError} `malformed` for a cut object, a tag of three bytes or more or of two where one would do, a length
 *   of more than two bytes or not in its shortest form, an indefinite length, or more than 64 objects
 */
export function readTlvs(bytes: Uint8Array, tags: TagForm = "interindustry"): readonly Tlv[] {
  const objects: Tlv[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (objects.length === MAX_OBJECTS) throw malformed(`at most ${MAX_OBJECTS} objects`);
    const { object, end } = readOne(bytes, offset, tags);
    objects.push(object);
    offset = end;
  }
  return objects;
}

/**
 * Data objects by their tags.
 *
 * @throws {CredentialError} `malformed` as {@link readTlvs}, and for a tag that stands twice: a second one could say
 *   something else
 */
export function readTlvMap(bytes: Uint8Array, tags: TagForm = "interindustry"): TlvMap {
  const map = new Map<number, Tlv>();
  for (const object of readTlvs(bytes, tags)) {
    if (map.has(object.tag)) throw malformed("each tag once");
    map.set(object.tag, object);
  }
  return map;
}

/**
 * The value of a tag that has to be there.
 *
 * @param lengthBytes its only length, if it has one
 * @throws {CredentialError} `malformed` when it is missing or of another length
 */
export function requiredValue(map: TlvMap, tag: number, lengthBytes?: number): Uint8Array {
  const value = optionalValue(map, tag, lengthBytes);
  if (value === undefined) throw malformed(`the object ${tag.toString(16)}`);
  return value;
}

/** The value of a tag that may be missing; throws as {@link requiredValue} for a wrong length. */
export function optionalValue(map: TlvMap, tag: number, lengthBytes?: number): Uint8Array | undefined {
  const value = map.get(tag)?.value;
  if (value !== undefined && lengthBytes !== undefined && value.length !== lengthBytes) {
    throw malformed(`${lengthBytes} bytes in the object ${tag.toString(16)}, got ${value.length}`);
  }
  return value;
}

function readOne(
  bytes: Uint8Array,
  start: number,
  tags: TagForm,
): { readonly object: Tlv; readonly end: number } {
  let offset = start;
  const next = () => {
    const byte = bytes[offset];
    if (byte === undefined) throw malformed("a whole object");
    offset += 1;
    return byte;
  };
  let tag = next();
  // ISO/IEC 7816-4 §5.2.2.1: five bits of ones announce a second byte, which says 31 or more; a third is never used here.
  if (tags === "interindustry" && (tag & 0x1f) === 0x1f) {
    const second = next();
    if (second < 0x1f || second > 0x7f) throw malformed("a tag of two bytes");
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
  return { object: { tag, value: bytes.slice(offset, end), encoded: bytes.slice(start, end) }, end };
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function malformed(expected: string): CredentialError {
  return new CredentialError("malformed", `expected ${expected}`);
}
