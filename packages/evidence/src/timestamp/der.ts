/** One element of DER (X.690 §10), inside the bytes that were read. */
export interface DerItem {
  readonly tag: number;
  /** The whole element: tag, length and content. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octets: 0x04,
  oid: 0x06,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
} as const;

/** The element that begins at `offset`; `undefined` unless it is DER of a tag in one byte and lies inside. */
export function derAt(bytes: Uint8Array, offset: number): DerItem | undefined {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first - 0x80;
    if (count < 1 || count > 4) return undefined;
    length = 0;
    for (const byte of bytes.subarray(start, start + count)) length = length * 256 + byte;
    // The shortest form only.
    if (length < 0x80 || (count > 1 && length < 256 ** (count - 1))) return undefined;
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) return undefined;
  return { tag, whole: bytes.subarray(offset, end), content: bytes.subarray(start, end) };
}

/** The one element that fills `bytes`. */
export function derOnly(bytes: Uint8Array, tag: number): DerItem | undefined {
  const item = derAt(bytes, 0);
  return item?.tag === tag && item.whole.length === bytes.length ? item : undefined;
}

/** The elements that fill `bytes`, one behind the other. */
export function derItems(bytes: Uint8Array): readonly DerItem[] | undefined {
  const items: DerItem[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const item = derAt(bytes, offset);
    if (item === undefined) return undefined;
    items.push(item);
    offset += item.whole.length;
  }
  return items;
}

/** The elements of a SEQUENCE or SET; none for anything else. */
export function derChildren(item: DerItem | undefined): readonly DerItem[] {
  if (item === undefined || (item.tag & 0x20) === 0) return [];
  return derItems(item.content) ?? [];
}

/** An element of this tag. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const length: number[] = [];
  if (size < 0x80) length.push(size);
  else {
    for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
    length.unshift(0x80 + length.length);
  }
  const made = new Uint8Array(1 + length.length + size);
  made.set([tag, ...length]);
  let offset = 1 + length.length;
  for (const part of parts) {
    made.set(part, offset);
    offset += part.length;
  }
  return made;
}

/** An INTEGER of an unsigned number, big-endian. */
export function derUnsigned(value: Uint8Array): Uint8Array {
  const first = value.findIndex((byte) => byte !== 0);
  const shortest = first < 0 ? Uint8Array.of(0) : value.subarray(first);
  const isHigh = (shortest[0] ?? 0) >= 0x80;
  return der(TAG.integer, isHigh ? Uint8Array.of(0, ...shortest) : shortest);
}

/** `r || s` of ECDSA as the SEQUENCE that X.509 and OpenSSL use (RFC 3279 §2.2.3). */
export function ecdsaToDer(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  return der(TAG.sequence, derUnsigned(signature.subarray(0, half)), derUnsigned(signature.subarray(half)));
}

/** The reverse, for halves of `bytes`; `undefined` unless it is two numbers of at most that length. */
export function ecdsaFromDer(signature: Uint8Array, bytes: number): Uint8Array | undefined {
  const numbers = derChildren(derOnly(signature, TAG.sequence));
  if (numbers.length !== 2) return undefined;
  const raw = new Uint8Array(bytes * 2);
  for (const [index, { tag, content }] of numbers.entries()) {
    const value = content[0] === 0 ? content.subarray(1) : content;
    if (tag !== TAG.integer || value.length > bytes || content.length === 0) return undefined;
    raw.set(value, bytes * (index + 1) - value.length);
  }
  return raw;
}
