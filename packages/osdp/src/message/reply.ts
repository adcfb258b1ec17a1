import { ReplyCode } from "../codes.ts";
import { OsdpError } from "../osdp-error.ts";
import { byteString, makeByteReader, u16le, u24be, u32le } from "./byte-reader.ts";
import type { LineSettings, Message } from "./command.ts";
import { decodeXrd, encodeXrd, type XrdReport } from "./xwr.ts";

/** What a peripheral answers. Field order and widths follow SIA OSDP v2.2 §7. */
export type Reply =
  | { readonly kind: "ack" }
  | { readonly kind: "nak"; readonly reason: number }
  | { readonly kind: "busy" }
  | { readonly kind: "pdid"; readonly identity: PdIdentity }
  | { readonly kind: "pdcap"; readonly capabilities: readonly PdCapability[] }
  | { readonly kind: "lstatr"; readonly tamper: boolean; readonly powerFailed: boolean }
  | { readonly kind: "istatr"; readonly inputs: readonly number[] }
  | { readonly kind: "ostatr"; readonly outputs: readonly number[] }
  /** one entry a reader: 0 normal, 1 not connected, 2 tamper */
  | { readonly kind: "rstatr"; readonly readers: readonly number[] }
  | ({ readonly kind: "raw" } & RawCard)
  | ({ readonly kind: "fmt" } & FormattedCard)
  | ({ readonly kind: "keypad" } & KeypadEntry)
  | ({ readonly kind: "com" } & LineSettings)
  | {
      readonly kind: "ccrypt";
      readonly clientUid: Uint8Array;
      readonly pdRandom: Uint8Array;
      readonly pdCryptogram: Uint8Array;
    }
  | { readonly kind: "rmac-i"; readonly initialRMac: Uint8Array }
  | { readonly kind: "mfgrep"; readonly vendor: number; readonly data: Uint8Array }
  | { readonly kind: "xrd"; readonly report: XrdReport }
  | { readonly kind: "opaque"; readonly code: number; readonly data: Uint8Array };

export type ReplyKind = Reply["kind"];

export interface PdIdentity {
  /** IEEE OUI of the maker, first byte on the line highest */
  readonly vendor: number;
  readonly model: number;
  readonly version: number;
  readonly serial: number;
  readonly firmware: { readonly major: number; readonly minor: number; readonly build: number };
}

/** One line of a capability report; meaning of the numbers in SIA OSDP v2.2 Annex B. */
export interface PdCapability {
  readonly function: number;
  readonly compliance: number;
  readonly items: number;
}

export interface RawCard {
  readonly reader: number;
  /** 0 not specified, 1 Wiegand with parity */
  readonly format: number;
  readonly bitCount: number;
  /** bits from the highest of the first byte on; the last byte is filled up with zeros */
  readonly bits: Uint8Array;
}

export interface FormattedCard {
  readonly reader: number;
  /** 0 forward, 1 reverse */
  readonly direction: number;
  readonly characters: Uint8Array;
}

export interface KeypadEntry {
  readonly reader: number;
  /** ASCII digits, 7F for `*` (or delete), 0D for `#` (or enter) */
  readonly digits: Uint8Array;
}

const NO_DATA = new Uint8Array(0);

/** @throws {OsdpError} `invalid-argument` when a value does not fit its field */
export function encodeReply(reply: Reply): Message {
  switch (reply.kind) {
    case "ack":
      return { code: ReplyCode.ack, data: NO_DATA };
    case "busy":
      return { code: ReplyCode.busy, data: NO_DATA };
    case "nak":
      return { code: ReplyCode.nak, data: byteString("osdp_NAK", reply.reason) };
    case "pdid": {
      const { vendor, model, version, serial, firmware } = reply.identity;
      const { major, minor, build } = firmware;
      const data = byteString("osdp_PDID", u24be(vendor), model, version, u32le(serial), major, minor, build);
      return { code: ReplyCode.pdid, data };
    }
    case "pdcap": {
      const lines = reply.capabilities.flatMap((line) => [line.function, line.compliance, line.items]);
      return { code: ReplyCode.pdcap, data: byteString("osdp_PDCAP", ...lines) };
    }
    case "lstatr":
      return { code: ReplyCode.lstatr, data: Uint8Array.of(reply.tamper ? 1 : 0, reply.powerFailed ? 1 : 0) };
    case "istatr":
      return { code: ReplyCode.istatr, data: byteString("osdp_ISTATR", ...reply.inputs) };
    case "ostatr":
      return { code: ReplyCode.ostatr, data: byteString("osdp_OSTATR", ...reply.outputs) };
    case "rstatr":
      return { code: ReplyCode.rstatr, data: byteString("osdp_RSTATR", ...reply.readers) };
    case "raw":
      return { code: ReplyCode.raw, data: rawData(reply) };
    case "fmt": {
      const { reader, direction, characters } = reply;
      return {
        code: ReplyCode.fmt,
        data: byteString("osdp_FMT", reader, direction, characters.length, characters),
      };
    }
    case "keypad":
      return {
        code: ReplyCode.keypad,
        data: byteString("osdp_KEYPAD", reply.reader, reply.digits.length, reply.digits),
      };
    case "com":
      return { code: ReplyCode.com, data: byteString("osdp_COM", reply.address, u32le(reply.baudRate)) };
    case "ccrypt":
      return {
        code: ReplyCode.ccrypt,
        data: byteString("osdp_CCRYPT", reply.clientUid, reply.pdRandom, reply.pdCryptogram),
      };
    case "rmac-i":
      return { code: ReplyCode.rmacI, data: reply.initialRMac };
    case "mfgrep":
      return { code: ReplyCode.mfgrep, data: byteString("osdp_MFGREP", u24be(reply.vendor), reply.data) };
    case "xrd":
      return { code: ReplyCode.xrd, data: encodeXrd(reply.report) };
    case "opaque":
      return { code: reply.code, data: reply.data };
  }
}

function rawData(card: RawCard): Uint8Array {
  if (card.bits.length !== Math.ceil(card.bitCount / 8)) {
    throw new OsdpError(
      "invalid-argument",
      `osdp_RAW: expected ${Math.ceil(card.bitCount / 8)} bytes for ${card.bitCount} bits, came ${card.bits.length}`,
    );
  }
  return byteString("osdp_RAW", card.reader, card.format, u16le(card.bitCount), card.bits);
}

/**
 * @returns a typed reply; a code this package does not know comes back as `opaque`
 * @throws {OsdpError} `malformed-message` when the data of a known code has the wrong length
 */
export function decodeReply(message: Message): Reply {
  const reader = makeByteReader(`reply ${message.code.toString(16)}`, message.data);
  const reply = readReply(message, reader);
  reader.end();
  return reply;
}

function readReply(message: Message, reader: ReturnType<typeof makeByteReader>): Reply {
  switch (message.code) {
    case ReplyCode.ack:
      return { kind: "ack" };
    case ReplyCode.busy:
      return { kind: "busy" };
    case ReplyCode.nak: {
      const reason = reader.u8();
      // Reason 6 and others may be followed by detail (SIA OSDP v2.2 table "osdp_NAK", byte 1).
      reader.rest();
      return { kind: "nak", reason };
    }
    case ReplyCode.pdid:
      return { kind: "pdid", identity: readIdentity(reader) };
    case ReplyCode.pdcap:
      return { kind: "pdcap", capabilities: readCapabilities(reader) };
    case ReplyCode.lstatr:
      return { kind: "lstatr", tamper: reader.u8() !== 0, powerFailed: reader.u8() !== 0 };
    case ReplyCode.istatr:
      return { kind: "istatr", inputs: [...reader.rest()] };
    case ReplyCode.ostatr:
      return { kind: "ostatr", outputs: [...reader.rest()] };
    case ReplyCode.rstatr:
      return { kind: "rstatr", readers: [...reader.rest()] };
    case ReplyCode.raw: {
      const [cardReader, format, bitCount] = [reader.u8(), reader.u8(), reader.u16le()];
      return {
        kind: "raw",
        reader: cardReader,
        format,
        bitCount,
        bits: reader.bytes(Math.ceil(bitCount / 8)),
      };
    }
    case ReplyCode.fmt:
      return {
        kind: "fmt",
        reader: reader.u8(),
        direction: reader.u8(),
        characters: reader.bytes(reader.u8()),
      };
    case ReplyCode.keypad:
      return { kind: "keypad", reader: reader.u8(), digits: reader.bytes(reader.u8()) };
    case ReplyCode.com:
      return { kind: "com", address: reader.u8(), baudRate: reader.u32le() };
    case ReplyCode.ccrypt:
      return {
        kind: "ccrypt",
        clientUid: reader.bytes(8),
        pdRandom: reader.bytes(8),
        pdCryptogram: reader.bytes(16),
      };
    case ReplyCode.rmacI:
      return { kind: "rmac-i", initialRMac: reader.bytes(16) };
    case ReplyCode.mfgrep:
      return { kind: "mfgrep", vendor: reader.u24be(), data: reader.rest() };
    case ReplyCode.xrd:
      return { kind: "xrd", report: decodeXrd(reader.rest()) };
    default:
      return { kind: "opaque", code: message.code, data: reader.rest() };
  }
}

function readIdentity(reader: ReturnType<typeof makeByteReader>): PdIdentity {
  return {
    vendor: reader.u24be(),
    model: reader.u8(),
    version: reader.u8(),
    serial: reader.u32le(),
    firmware: { major: reader.u8(), minor: reader.u8(), build: reader.u8() },
  };
}

function readCapabilities(reader: ReturnType<typeof makeByteReader>): PdCapability[] {
  const capabilities: PdCapability[] = [];
  while (reader.left > 0) {
    capabilities.push({ function: reader.u8(), compliance: reader.u8(), items: reader.u8() });
  }
  return capabilities;
}
