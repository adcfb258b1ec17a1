import { concatBytes } from "@menshen/crypto";
import type { CommandApdu, ResponseApdu } from "../apdu/apdu.ts";
import { encodeCommand, parseResponse } from "../apdu/apdu.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";

// Native DESFire commands wrapped in ISO 7816-4 (MF3D(H)x3 datasheet, "wrapped native"): CLA 90, INS = command,
// P1 P2 = 00 00, answer 91 and the native status.

/** Class byte of wrapped native commands. */
export const NATIVE_CLASS = 0x90;

/** SW1 of their answers. */
export const NATIVE_SW1 = 0x91;

/** Native commands this system sends or answers. */
export const NativeCommand = {
  additionalFrame: 0xaf,
  authenticateEv2First: 0x71,
  authenticateEv2NonFirst: 0x77,
  authenticateIso: 0x1a,
  getVersion: 0x60,
  getCardUid: 0x51,
  getKeyVersion: 0x64,
  selectApplication: 0x5a,
  getApplicationIds: 0x6a,
  createApplication: 0xca,
  formatCard: 0xfc,
  setConfiguration: 0x5c,
  changeKey: 0xc4,
  getFileIds: 0x6f,
  getFileSettings: 0xf5,
  changeFileSettings: 0x5f,
  createStandardFile: 0xcd,
  createTransactionMacFile: 0xce,
  deleteFile: 0xdf,
  readData: 0xad,
  writeData: 0x8d,
  commitReaderId: 0xc8,
  commitTransaction: 0xc7,
} as const;

/** Native status codes, as the low byte of the status word. */
export const NativeStatus = {
  ok: 0x00,
  illegalCommand: 0x1c,
  integrityError: 0x1e,
  noSuchKey: 0x40,
  lengthError: 0x7e,
  permissionDenied: 0x9d,
  parameterError: 0x9e,
  applicationNotFound: 0xa0,
  authenticationError: 0xae,
  additionalFrame: 0xaf,
  authenticationDelay: 0xad,
  boundaryError: 0xbe,
  commandAborted: 0xca,
  fileNotFound: 0xf0,
} as const;

/** One native answer: its status byte and the data of this frame. */
export interface NativeResponse {
  readonly status: number;
  readonly data: Uint8Array;
}

/** Most that a chained answer may hold before it is taken for an attack on memory. */
const MAX_CHAINED_BYTES = 8192;

/** Most frames of a chained answer; GetVersion, the longest one used, has three. */
const MAX_FRAMES = 256;

/**
 * Bytes of a wrapped native command. Le 00 always; Lc only with data.
 *
 * @throws {CredentialError} `bad-argument` for more than 255 data bytes
 */
export function encodeNativeCommand(command: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return encodeCommand({ cla: NATIVE_CLASS, ins: command, p1: 0, p2: 0, data, le: 256 });
}

/** Whether a command APDU is a wrapped native one; answers its code and data. */
export function nativeCommandOf(
  command: CommandApdu,
): { readonly command: number; readonly data: Uint8Array } | undefined {
  if (command.cla !== NATIVE_CLASS || command.p1 !== 0 || command.p2 !== 0) return undefined;
  return { command: command.ins, data: command.data };
}

/** The response APDU that carries a native status. */
export function nativeResponse(status: number, data: Uint8Array = new Uint8Array()): ResponseApdu {
  return { data, sw: (NATIVE_SW1 << 8) | status };
}

/**
 * Sends one native command and reads one frame of its answer.
 *
 * @throws {CredentialError} the channel's; `malformed` for no APDU; `card-status` when the answer is not a native
 *   one (SW1 ≠ 91), which is how cards without this command set answer
 */
export async function exchangeNative(
  channel: CardChannel,
  command: number,
  data?: Uint8Array,
): Promise<NativeResponse> {
  const response = parseResponse(await channel.transceive(encodeNativeCommand(command, data)));
  if (response.sw >> 8 !== NATIVE_SW1) {
    throw new CredentialError("card-status", `expected a native answer, got ${hex4(response.sw)}`, {
      status: response.sw,
    });
  }
  return { status: response.sw & 0xff, data: response.data };
}

/**
 * Sends one native command and gathers its whole answer, asking for additional frames while the card has them.
 *
 * @returns the data of all frames; the last status is `ok`
 * @throws {CredentialError} as {@link exchangeNative}; `card-status` for a native status other than `ok`;
 *   `malformed` for an answer without end
 */
export async function exchangeNativeChained(
  channel: CardChannel,
  command: number,
  data?: Uint8Array,
): Promise<Uint8Array> {
  const frames: Uint8Array[] = [];
  let lengthBytes = 0;
  let response = await exchangeNative(channel, command, data);
  for (;;) {
    frames.push(response.data);
    lengthBytes += response.data.length;
    if (response.status !== NativeStatus.additionalFrame) break;
    if (frames.length >= MAX_FRAMES || lengthBytes > MAX_CHAINED_BYTES) {
      throw new CredentialError("malformed", `expected at most ${MAX_CHAINED_BYTES} chained bytes`);
    }
    response = await exchangeNative(channel, NativeCommand.additionalFrame);
  }
  requireNativeOk(response.status);
  return concatBytes(...frames);
}

/** @throws {CredentialError} `card-status` unless the native status is `ok` */
export function requireNativeOk(status: number): void {
  if (status !== NativeStatus.ok) throw nativeRefusal(status);
}

/** The fault that stands for a native status. */
export function nativeRefusal(status: number): CredentialError {
  const sw = (NATIVE_SW1 << 8) | status;
  return new CredentialError("card-status", `the card refused with ${hex4(sw)}`, { status: sw });
}

function hex4(sw: number): string {
  return sw.toString(16).padStart(4, "0");
}
