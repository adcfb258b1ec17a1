import { OsdpError } from "../osdp-error.ts";

/** Reads a message body front to back; every method throws `OsdpError("malformed-message")` past the end. */
export interface ByteReader {
  u8(): number;
  u16le(): number;
  u24be(): number;
  u32le(): number;
  bytes(count: number): Uint8Array;
  rest(): Uint8Array;
  readonly left: number;
  /** Nothing may remain. */
  end(): void;
}

export function makeByteReader(what: string, body: Uint8Array): ByteReader {
  let at = 0;
  function take(count: number): Uint8Array {
    if (body.length - at < count) {
      throw new OsdpError(
        "malformed-message",
        `${what}: expected ${count} bytes more, came ${body.length - at}`,
      );
    }
    at += count;
    return body.subarray(at - count, at);
  }
  function littleEndian(count: number): number {
    let value = 0;
    for (const byte of take(count).toReversed()) value = value * 256 + byte;
    return value;
  }
  return {
    u8: () => littleEndian(1),
    u16le: () => littleEndian(2),
    u32le: () => littleEndian(4),
    u24be() {
      let value = 0;
      for (const byte of take(3)) value = value * 256 + byte;
      return value;
    },
    bytes: (count) => take(count).slice(),
    rest: () => take(body.length - at).slice(),
    get left() {
      return body.length - at;
    },
    end() {
      if (at !== body.length) {
        throw new OsdpError(
          "malformed-message",
          `${what}: expected the end, came ${body.length - at} bytes more`,
        );
      }
    },
  };
}

/** Writes one body; every number is checked against its width and throws `OsdpError("invalid-argument")`. */
export function byteString(
  what: string,
  ...parts: readonly (number | WideNumber | Uint8Array)[]
): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      bytes.push(...part);
    } else if (typeof part === "number") {
      bytes.push(...digits(what, part, 1));
    } else {
      const little = digits(what, part.value, part.widthBytes);
      bytes.push(...(part.bigEndian ? little.reverse() : little));
    }
  }
  return Uint8Array.from(bytes);
}

export interface WideNumber {
  readonly value: number;
  readonly widthBytes: 2 | 3 | 4;
  readonly bigEndian: boolean;
}

export const u16le = (value: number): WideNumber => ({ value, widthBytes: 2, bigEndian: false });
export const u24be = (value: number): WideNumber => ({ value, widthBytes: 3, bigEndian: true });
export const u32le = (value: number): WideNumber => ({ value, widthBytes: 4, bigEndian: false });

function digits(what: string, value: number, widthBytes: number): number[] {
  if (!Number.isInteger(value) || value < 0 || value >= 256 ** widthBytes) {
    throw new OsdpError(
      "invalid-argument",
      `${what}: expected a number of ${widthBytes} bytes, came \`${value}\``,
    );
  }
  const little: number[] = [];
  let rest = value;
  for (let i = 0; i < widthBytes; i += 1) {
    little.push(rest % 256);
    rest = Math.floor(rest / 256);
  }
  return little;
}
