/** A command APDU (ISO/IEC 7816-4 §5.1), short or extended. */
export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** Most bytes the reader wants back: 256 or 65536 where it asked for all, 0 where it asked for none. */
  readonly expected: number;
}

/** Undefined where the lengths do not add up; the card then answers `6700`. */
export function parseCommandApdu(bytes: Uint8Array): CommandApdu | undefined {
  const [cla, ins, p1, p2] = bytes;
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) return undefined;
  const head = { cla, ins, p1, p2 };
  const body = bytes.subarray(4);
  const first = body[0];
  if (first === undefined) return { ...head, data: new Uint8Array(), expected: 0 };
  if (body.length === 1) return { ...head, data: new Uint8Array(), expected: first === 0 ? 256 : first };
  if (first !== 0) {
    const data = body.slice(1, 1 + first);
    const rest = body.subarray(1 + first);
    if (data.length !== first || rest.length > 1) return undefined;
    const expected = rest[0];
    return { ...head, data, expected: expected === undefined ? 0 : expected === 0 ? 256 : expected };
  }
  return parseExtended(head, body);
}

function parseExtended(
  head: { readonly cla: number; readonly ins: number; readonly p1: number; readonly p2: number },
  body: Uint8Array,
): CommandApdu | undefined {
  const length = ((body[1] ?? 0) << 8) | (body[2] ?? 0);
  if (body.length < 3) return undefined;
  if (body.length === 3) return { ...head, data: new Uint8Array(), expected: length === 0 ? 65_536 : length };
  const data = body.slice(3, 3 + length);
  const rest = body.subarray(3 + length);
  if (length === 0 || data.length !== length) return undefined;
  if (rest.length === 0) return { ...head, data, expected: 0 };
  if (rest.length !== 2) return undefined;
  const expected = ((rest[0] ?? 0) << 8) | (rest[1] ?? 0);
  return { ...head, data, expected: expected === 0 ? 65_536 : expected };
}

/** Response data followed by a status word. */
export function respond(statusWord: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  const response = new Uint8Array(data.length + 2);
  response.set(data);
  response[data.length] = statusWord >> 8;
  response[data.length + 1] = statusWord & 0xff;
  return response;
}

/** Status words of ISO/IEC 7816-4 §5.6 that the virtual cards answer with. */
export const ISO = {
  ok: 0x9000,
  endReached: 0x6282,
  wrongLength: 0x6700,
  securityNotSatisfied: 0x6982,
  conditionsNotSatisfied: 0x6985,
  functionNotSupported: 0x6a81,
  fileNotFound: 0x6a82,
  wrongParameters: 0x6a86,
  wrongOffset: 0x6b00,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
} as const;
