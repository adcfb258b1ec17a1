import { CredentialError } from "../credential-error.ts";

// BER-TLV (ISO/IEC 7816-4 §5.2.2, ITU-T X.690 §8.1) in the only form that Aliro writes: tags of one or two bytes,
// definite lengths in their shortest form. The same reader serves its certificates, which are DER.

/** One element. */
export interface Tlv {
  /** One byte, or two as one number (`7F66`). */
  readonly tag: number;
  readonly value: Uint8Array;
  /** Tag, length and value as they stood. */
  readonly encoded: Uint8Array;
}

/** More elements than any message has; the rest is refused before it costs time. */
const MAX_ELEMENTS = 64;

/**
 * Cuts bytes into elements, all of them.
 *
 * @throws {CredentialError} `malformed` for a length beyond the end or not in its shortest form, a tag of three bytes
 *   or more, or more than 64 elements
 */
export function readTlvs(bytes: Uint8Array): readonly Tlv[] {
  const elements: Tlv[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (elements.length === MAX_ELEMENTS) throw malformed(`expected at most ${MAX_ELEMENTS} elements`);
    const begin = offset;
    let tag = bytes[offset++] ?? 0;
    if ((tag & 0x1f) === 0x1f) {
      const second = bytes[offset++];
      if (second === undefined || second < 0x1f || second > 0x7f)
        throw malformed("expected a tag of two bytes");
      tag = (tag << 8) | second;
    }
    const [lengthBytes, valueOffset] = readLength(bytes, offset);
    const end = valueOffset + lengthBytes;
    if (end > bytes.length) throw malformed("expected as many bytes as the length says");
    elements.push({ tag, value: bytes.slice(valueOffset, end), encoded: bytes.slice(begin, end) });
    offset = end;
  }
  return elements;
}

/**
 * Elements by their tags.
 *
 * @throws {CredentialError} `malformed` as {@link readTlvs}, and for a tag that stands twice
 */
export function readTlvMap(bytes: Uint8Array): ReadonlyMap<number, Tlv> {
  const map = new Map<number, Tlv>();
  for (const element of readTlvs(bytes)) {
    if (map.has(element.tag)) throw malformed("expected each tag once");
    map.set(element.tag, element);
  }
  return map;
}

/**
 * The value of a tag that has to be there.
 *
 * @param lengthBytes its only length, if it has one
 * @throws {CredentialError} `malformed`
 */
export function requiredValue(map: ReadonlyMap<number, Tlv>, tag: number, lengthBytes?: number): Uint8Array {
  const value = optionalValue(map, tag, lengthBytes);
  if (value === undefined) throw malformed(`expected the element ${tag.toString(16)}`);
  return value;
}

/** The value of a tag that may be missing; throws as {@link requiredValue} for a wrong length. */
export function optionalValue(
  map: ReadonlyMap<number, Tlv>,
  tag: number,
  lengthBytes?: number,
): Uint8Array | undefined {
  const value = map.get(tag)?.value;
  if (value !== undefined && lengthBytes !== undefined && value.length !== lengthBytes) {
    throw malformed(`expected ${lengthBytes} bytes in the element ${tag.toString(16)}, got ${value.length}`);
  }
  return value;
}

/** Length and the offset behind it. */
function readLength(bytes: Uint8Array, offset: number): readonly [number, number] {
  const first = bytes[offset];
  if (first === undefined) throw malformed("expected a length");
  if (first < 0x80) return [first, offset + 1];
  const [a, b] = [bytes[offset + 1], bytes[offset + 2]];
  if (first === 0x81 && a !== undefined && a >= 0x80) return [a, offset + 2];
  if (first === 0x82 && a !== undefined && b !== undefined && a !== 0) return [(a << 8) | b, offset + 3];
  throw malformed("expected a length in its shortest form, of at most two bytes");
}

function malformed(message: string): CredentialError {
  return new CredentialError("malformed", message);
}
