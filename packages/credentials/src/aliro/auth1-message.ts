import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, optionalValue, readTlvMap, requiredValue } from "../tlv/ber-tlv.ts";
import { POINT_BYTES } from "./aliro-primitives.ts";
import { KEY_SLOT_BYTES } from "./key-derivation.ts";
import { u16, u16Bytes } from "./select-message.ts";

/** The command AUTH1. */
export interface Auth1Command {
  /** Asks for the credential's public key; otherwise for its key slot. */
  readonly wantsPublicKey: boolean;
  /** `r || s`, 64 bytes. */
  readonly signature: Uint8Array;
  /** The reader's certificate in its compressed form, if it was not sent by LOAD CERT. */
  readonly certificate?: Uint8Array;
}

/** When the documents were last seen, each 20 characters (`2026-01-01T00:00:00Z`) where the device knows it. */
export interface DocumentTimes {
  readonly access?: string;
  readonly revocation?: string;
}

/** What the device tells under the secure channel. */
export interface Auth1Answer {
  /** 8 bytes, or 65: which of them is there the reader has asked for. */
  readonly keySlot?: Uint8Array;
  readonly publicKey?: Uint8Array;
  /** `r || s`, 64 bytes. */
  readonly signature?: Uint8Array;
  readonly mailboxSubset?: Uint8Array;
  /** Bits of `SignalingBit`; an older device sends one byte. */
  readonly signaling: number;
  readonly times: DocumentTimes;
}

const SIGNATURE_BYTES = 64;
const TIME_BYTES = 20;
/** Plaintext of a cryptogram: 5E 02, 91 14, 92 14. */
const CRYPTOGRAM_PLAINTEXT_BYTES = 48;

export function encodeAuth1(command: Auth1Command): Uint8Array {
  return concatBytes(
    encodeTlv(0x41, Uint8Array.of(command.wantsPublicKey ? 1 : 0)),
    encodeTlv(0x9e, command.signature),
    command.certificate === undefined ? new Uint8Array() : encodeTlv(0x90, command.certificate),
  );
}

/** @throws {CredentialError} `malformed` */
export function parseAuth1(data: Uint8Array): Auth1Command {
  const map = readTlvMap(data);
  const [flags = 0] = requiredValue(map, 0x41, 1);
  const certificate = optionalValue(map, 0x90);
  return {
    wantsPublicKey: (flags & 1) === 1,
    signature: requiredValue(map, 0x9e, SIGNATURE_BYTES),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

export function encodeAuth1Answer(answer: Auth1Answer): Uint8Array {
  const element = (tag: number, value: Uint8Array | undefined) =>
    value === undefined ? new Uint8Array() : encodeTlv(tag, value);
  return concatBytes(
    element(0x4e, answer.keySlot),
    element(0x5a, answer.publicKey),
    element(0x9e, answer.signature),
    element(0x4b, answer.mailboxSubset),
    encodeTlv(0x5e, u16Bytes(answer.signaling)),
    element(0x91, timeBytes(answer.times.access)),
    element(0x92, timeBytes(answer.times.revocation)),
  );
}

/**
 * Reads the deciphered answer to AUTH1. Which parts have to be there is for the reader to say, since each missing one
 * has a code of its own.
 *
 * @throws {CredentialError} `malformed`
 */
export function parseAuth1Answer(plaintext: Uint8Array): Auth1Answer {
  const map = readTlvMap(plaintext);
  const signalingBytes = requiredValue(map, 0x5e);
  if (signalingBytes.length !== 1 && signalingBytes.length !== 2) {
    throw new CredentialError("malformed", "expected a signaling bitmap of 1 or 2 bytes");
  }
  const parts = {
    keySlot: optionalValue(map, 0x4e, KEY_SLOT_BYTES),
    publicKey: optionalValue(map, 0x5a, POINT_BYTES),
    signature: optionalValue(map, 0x9e, SIGNATURE_BYTES),
    mailboxSubset: optionalValue(map, 0x4b),
  };
  return {
    ...(parts.keySlot === undefined ? {} : { keySlot: parts.keySlot }),
    ...(parts.publicKey === undefined ? {} : { publicKey: parts.publicKey }),
    ...(parts.signature === undefined ? {} : { signature: parts.signature }),
    ...(parts.mailboxSubset === undefined ? {} : { mailboxSubset: parts.mailboxSubset }),
    signaling: signalingBytes.length === 1 ? (signalingBytes[0] ?? 0) : u16(signalingBytes),
    times: timesOf(optionalValue(map, 0x91, TIME_BYTES), optionalValue(map, 0x92, TIME_BYTES)),
  };
}

/** What stands in a cryptogram: bitmap and both times, zeros where they are not known. */
export function encodeCryptogramPlaintext(signaling: number, times: DocumentTimes): Uint8Array {
  const nothing = new Uint8Array(TIME_BYTES);
  return concatBytes(
    encodeTlv(0x5e, u16Bytes(signaling)),
    encodeTlv(0x91, timeBytes(times.access) ?? nothing),
    encodeTlv(0x92, timeBytes(times.revocation) ?? nothing),
  );
}

/** @throws {CredentialError} `malformed` */
export function parseCryptogramPlaintext(plaintext: Uint8Array): Pick<Auth1Answer, "signaling" | "times"> {
  if (plaintext.length !== CRYPTOGRAM_PLAINTEXT_BYTES) {
    throw new CredentialError("malformed", `expected ${CRYPTOGRAM_PLAINTEXT_BYTES} bytes in a cryptogram`);
  }
  const map = readTlvMap(plaintext);
  return {
    signaling: u16(requiredValue(map, 0x5e, 2)),
    times: timesOf(requiredValue(map, 0x91, TIME_BYTES), requiredValue(map, 0x92, TIME_BYTES)),
  };
}

function timesOf(access: Uint8Array | undefined, revocation: Uint8Array | undefined): DocumentTimes {
  const [accessText, revocationText] = [timeText(access), timeText(revocation)];
  return {
    ...(accessText === undefined ? {} : { access: accessText }),
    ...(revocationText === undefined ? {} : { revocation: revocationText }),
  };
}

function timeText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.every((byte) => byte === 0)) return undefined;
  const text = String.fromCharCode(...bytes);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return text;
  throw new CredentialError("malformed", "expected a time of 20 characters");
}

function timeBytes(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === TIME_BYTES) return bytes;
  throw new CredentialError("bad-argument", `expected a time of ${TIME_BYTES} characters`);
}
