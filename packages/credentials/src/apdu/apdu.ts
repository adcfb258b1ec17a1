import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";

/** A command APDU in the short form (ISO 7816-4 §5.1, cases 1 to 4). */
export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** 0 to 255 bytes; empty means that no Lc is sent. */
  readonly data: Uint8Array;
  /** Bytes expected at most, 1 to 256; absent means that no Le is sent. */
  readonly le?: number;
}

/** A response APDU: up to 256 data bytes (more in practice, from wrapped commands) and the status word. */
export interface ResponseApdu {
  readonly data: Uint8Array;
  /** SW1 and SW2 as one number, e.g. 0x9000. */
  readonly sw: number;
}

/** Status words this system gives or looks at (ISO 7816-4 §5.6). */
export const StatusWord = {
  ok: 0x9000,
  wrongLength: 0x6700,
  securityNotSatisfied: 0x6982,
  conditionsNotSatisfied: 0x6985,
  wrongData: 0x6a80,
  functionNotSupported: 0x6a81,
  fileNotFound: 0x6a82,
  wrongParameters: 0x6a86,
  instructionNotSupported: 0x6d00,
  classNotSupported: 0x6e00,
  unspecified: 0x6f00,
} as const;

/**
 * Bytes of a command APDU.
 *
 * @throws {CredentialError} `bad-argument` for a header byte outside 0..255, more than 255 data bytes, or an `le`
 *   outside 1..256
 */
export function encodeCommand(command: CommandApdu): Uint8Array<ArrayBuffer> {
  const header = [command.cla, command.ins, command.p1, command.p2];
  if (header.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) {
    throw new CredentialError("bad-argument", "expected header bytes of 0 to 255");
  }
  const { data, le } = command;
  if (data.length > 255) {
    throw new CredentialError("bad-argument", `expected at most 255 data bytes, got ${data.length}`);
  }
  if (le !== undefined && (!Number.isInteger(le) || le < 1 || le > 256)) {
    throw new CredentialError("bad-argument", `expected an Le of 1 to 256, got ${le}`);
  }
  const lc = data.length === 0 ? [] : [data.length];
  const lastByte = le === undefined ? [] : [le & 0xff];
  return concatBytes(Uint8Array.from([...header, ...lc]), data, Uint8Array.from(lastByte));
}

/**
 * Reads a command APDU in the short form.
 *
 * @throws {CredentialError} `malformed` for fewer than 4 bytes, an Lc that does not fit, or the extended form
 */
export function parseCommand(bytes: Uint8Array): CommandApdu {
  const [cla, ins, p1, p2, third] = bytes;
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) {
    throw new CredentialError("malformed", `expected a command of at least 4 bytes, got ${bytes.length}`);
  }
  const header = { cla, ins, p1, p2 };
  if (third === undefined) return { ...header, data: new Uint8Array() };
  if (bytes.length === 5) return { ...header, data: new Uint8Array(), le: leOf(third) };
  const end = 5 + third;
  // Lc = 00 begins the extended form, which no card here takes.
  if (third === 0 || (bytes.length !== end && bytes.length !== end + 1)) {
    throw new CredentialError("malformed", `expected a short command with its Lc, got ${bytes.length} bytes`);
  }
  const data = bytes.slice(5, end);
  const le = bytes[end];
  return le === undefined ? { ...header, data } : { ...header, data, le: leOf(le) };
}

/**
 * Bytes of a response APDU.
 *
 * @throws {CredentialError} `bad-argument` for a status word outside 0..FFFF
 */
export function encodeResponse(response: ResponseApdu): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(response.sw) || response.sw < 0 || response.sw > 0xffff) {
    throw new CredentialError("bad-argument", `expected a status word of 16 bits, got ${response.sw}`);
  }
  return concatBytes(response.data, Uint8Array.of(response.sw >> 8, response.sw & 0xff));
}

/**
 * Reads a response APDU.
 *
 * @throws {CredentialError} `malformed` for fewer than 2 bytes, or more than 65,538
 */
export function parseResponse(bytes: Uint8Array): ResponseApdu {
  const sw1 = bytes.at(-2);
  const sw2 = bytes.at(-1);
  if (sw1 === undefined || sw2 === undefined || bytes.length > 65_538) {
    throw new CredentialError("malformed", `expected a response of 2 to 65538 bytes, got ${bytes.length}`);
  }
  return { data: bytes.slice(0, -2), sw: (sw1 << 8) | sw2 };
}

function leOf(byte: number): number {
  return byte === 0 ? 256 : byte;
}
