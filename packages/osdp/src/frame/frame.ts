import { concatBytes } from "@menshen/crypto/node";
import { BROADCAST_ADDRESS, MAX_FRAME_BYTES, SecurityBlock } from "../codes.ts";
import { OsdpError } from "../osdp-error.ts";
import { checksum8, crc16 } from "./check.ts";

export const MARK = 0xff;
export const SOM = 0x53;

const REPLY_FLAG = 0x80;
const CONTROL_SEQUENCE = 0x03;
const CONTROL_CRC = 0x04;
const CONTROL_SECURITY = 0x08;
const HEADER_BYTES = 5;
export const MAC_BYTES = 4;

/** Header, code and checksum: nothing shorter is a frame. */
export const MIN_FRAME_BYTES = HEADER_BYTES + 2;

export type CheckKind = "crc16" | "checksum";
export type Sequence = 0 | 1 | 2 | 3;

/** Who sent a frame, to whom, and how it is protected on the line. */
export interface FrameHeader {
  /** 0 to 126, or 127 for the broadcast address; the reply flag is kept apart */
  readonly address: number;
  /** true when a PD sent it */
  readonly reply: boolean;
  readonly sequence: Sequence;
  readonly check: CheckKind;
  /** whether a FF byte preceded the frame on the line */
  readonly mark: boolean;
}

/** The security block: its type (SCS_11 …) and the bytes after it, at most one in this version of the standard. */
export interface SecurityBlockField {
  readonly type: number;
  readonly data: Uint8Array;
}

/** One frame as it stands on the line: payload still enciphered, MAC not yet verified. */
export interface Frame extends FrameHeader {
  readonly security?: SecurityBlockField;
  readonly code: number;
  readonly payload: Uint8Array;
  /** 4 bytes, present exactly when the security block type is SCS_15 to SCS_18 */
  readonly mac?: Uint8Array;
  /** the bytes the MAC covers: SOM up to the byte before the MAC */
  readonly covered: Uint8Array;
}

export type FrameFault = "bad-length" | "bad-check" | "bad-security-block";

/** Total length the header announces (SOM to the last check byte); undefined until five bytes are there. */
export function announcedLength(bytes: Uint8Array): number | undefined {
  const low = bytes[2];
  const high = bytes[3];
  if (low === undefined || high === undefined || bytes.length < HEADER_BYTES) return undefined;
  return low | (high << 8);
}

/** Whether a security block type is followed by a MAC at the end of the frame. */
export function carriesMac(type: number): boolean {
  return type >= SecurityBlock.commandMac && type <= SecurityBlock.replyEnciphered;
}

/**
 * The bytes of a frame before MAC and check: header, security block, code, payload. The length field already counts
 * what is still to come.
 *
 * @throws {OsdpError} `invalid-argument` when the address is no address or the frame would exceed 1440 bytes
 */
export function frameBody(
  header: FrameHeader,
  code: number,
  payload: Uint8Array,
  security?: SecurityBlockField,
): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(header.address) || header.address < 0 || header.address > BROADCAST_ADDRESS) {
    throw new OsdpError("invalid-argument", `expected an address from 0 to 127, came \`${header.address}\``);
  }
  const blockBytes = security === undefined ? 0 : 2 + security.data.length;
  const bodyBytes = HEADER_BYTES + blockBytes + 1 + payload.length;
  const tailBytes =
    (security !== undefined && carriesMac(security.type) ? MAC_BYTES : 0) +
    (header.check === "crc16" ? 2 : 1);
  const totalBytes = bodyBytes + tailBytes;
  if (totalBytes > MAX_FRAME_BYTES) {
    throw new OsdpError(
      "invalid-argument",
      `expected a frame of at most ${MAX_FRAME_BYTES} bytes, came ${totalBytes}`,
    );
  }
  const body = new Uint8Array(bodyBytes);
  body[0] = SOM;
  body[1] = header.address | (header.reply ? REPLY_FLAG : 0);
  body[2] = totalBytes & 0xff;
  body[3] = totalBytes >> 8;
  body[4] =
    header.sequence |
    (header.check === "crc16" ? CONTROL_CRC : 0) |
    (security === undefined ? 0 : CONTROL_SECURITY);
  if (security !== undefined) {
    body[HEADER_BYTES] = blockBytes;
    body[HEADER_BYTES + 1] = security.type;
    body.set(security.data, HEADER_BYTES + 2);
  }
  body[HEADER_BYTES + blockBytes] = code;
  body.set(payload, HEADER_BYTES + blockBytes + 1);
  return body;
}

/** Closes a body (see `frameBody`) with its MAC, if any, and CRC or checksum, and puts the mark byte in front if asked. */
export function closeFrame(header: FrameHeader, body: Uint8Array, mac?: Uint8Array): Uint8Array<ArrayBuffer> {
  const checked = mac === undefined ? body : concatBytes(body, mac);
  const front = header.mark ? Uint8Array.of(MARK) : new Uint8Array(0);
  if (header.check === "checksum") return concatBytes(front, checked, Uint8Array.of(checksum8(checked)));
  const crc = crc16(checked);
  return concatBytes(front, checked, Uint8Array.of(crc & 0xff, crc >> 8));
}

/** A frame without MAC: plain, or one of the four handshake messages (SCS_11 to SCS_14). */
export function encodePlainFrame(
  header: FrameHeader,
  code: number,
  payload: Uint8Array,
  security?: SecurityBlockField,
): Uint8Array<ArrayBuffer> {
  return closeFrame(header, frameBody(header, code, payload, security));
}

/**
 * Reads one whole frame.
 *
 * @param bytes from SOM to the last check byte, without mark
 * @returns the frame, or why the bytes are none; views into `bytes`, nothing is copied
 */
export function decodeFrame(bytes: Uint8Array, mark: boolean): Frame | FrameFault {
  const control = bytes[4];
  const address = bytes[1];
  if (
    control === undefined ||
    address === undefined ||
    bytes[0] !== SOM ||
    bytes.length < MIN_FRAME_BYTES ||
    announcedLength(bytes) !== bytes.length
  ) {
    return "bad-length";
  }
  const check: CheckKind = control & CONTROL_CRC ? "crc16" : "checksum";
  const checked = bytes.subarray(0, bytes.length - (check === "crc16" ? 2 : 1));
  if (!checkMatches(check, checked, bytes)) return "bad-check";

  let end = checked.length;
  let codeAt = HEADER_BYTES;
  let security: SecurityBlockField | undefined;
  let mac: Uint8Array | undefined;
  if (control & CONTROL_SECURITY) {
    const blockBytes = bytes[HEADER_BYTES] ?? 0;
    const type = bytes[HEADER_BYTES + 1] ?? 0;
    codeAt = HEADER_BYTES + blockBytes;
    if (blockBytes < 2 || codeAt >= end) return "bad-security-block";
    security = { type, data: bytes.subarray(HEADER_BYTES + 2, codeAt) };
    if (carriesMac(type)) {
      end -= MAC_BYTES;
      if (codeAt >= end) return "bad-security-block";
      mac = bytes.subarray(end, end + MAC_BYTES);
    }
  }
  const code = bytes[codeAt];
  if (code === undefined || codeAt >= end) return "bad-length";
  return {
    address: address & ~REPLY_FLAG,
    reply: (address & REPLY_FLAG) !== 0,
    sequence: sequenceOf(control),
    check,
    mark,
    code,
    payload: bytes.subarray(codeAt + 1, end),
    covered: bytes.subarray(0, end),
    ...(security === undefined ? {} : { security }),
    ...(mac === undefined ? {} : { mac }),
  };
}

/** The sequence number after `last`; 0 starts a conversation and is never reached again (SIA OSDP v2.2 §5.9). */
export function nextSequence(last: Sequence | undefined): Sequence {
  if (last === undefined) return 0;
  return last === 3 ? 1 : sequenceOf(last + 1);
}

function sequenceOf(control: number): Sequence {
  switch (control & CONTROL_SEQUENCE) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return 2;
    default:
      return 3;
  }
}

function checkMatches(check: CheckKind, checked: Uint8Array, bytes: Uint8Array): boolean {
  if (check === "checksum") return bytes[checked.length] === checksum8(checked);
  const crc = crc16(checked);
  return bytes[checked.length] === (crc & 0xff) && bytes[checked.length + 1] === crc >> 8;
}
