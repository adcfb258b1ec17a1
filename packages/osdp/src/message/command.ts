import { CommandCode } from "../codes.ts";
import { OsdpError } from "../osdp-error.ts";
import { byteString, makeByteReader, u16le, u24be, u32le } from "./byte-reader.ts";
import { decodeXwr, encodeXwr, type XwrRequest } from "./xwr.ts";

/**
 * What a control panel says to a peripheral. Field order and widths follow SIA OSDP v2.2 §6; counts of 100 ms carry
 * `Ticks` in their names because the standard counts them so.
 */
export type Command =
  | { readonly kind: "poll" }
  | { readonly kind: "id" }
  | { readonly kind: "cap" }
  | { readonly kind: "lstat" }
  | { readonly kind: "istat" }
  | { readonly kind: "ostat" }
  | { readonly kind: "rstat" }
  | { readonly kind: "out"; readonly outputs: readonly OutputControl[] }
  | { readonly kind: "led"; readonly leds: readonly LedControl[] }
  | ({ readonly kind: "buz" } & BuzzerControl)
  | ({ readonly kind: "text" } & TextOutput)
  | ({ readonly kind: "comset" } & LineSettings)
  | { readonly kind: "keyset"; readonly keyType: number; readonly key: Uint8Array }
  | { readonly kind: "chlng"; readonly cpRandom: Uint8Array }
  | { readonly kind: "scrypt"; readonly cpCryptogram: Uint8Array }
  | { readonly kind: "acurxsize"; readonly sizeBytes: number }
  | { readonly kind: "filetransfer"; readonly data: Uint8Array }
  | { readonly kind: "mfg"; readonly vendor: number; readonly data: Uint8Array }
  | { readonly kind: "xwr"; readonly request: XwrRequest }
  | { readonly kind: "keepactive"; readonly timeMs: number }
  | { readonly kind: "abort" }
  | { readonly kind: "opaque"; readonly code: number; readonly data: Uint8Array };

export type CommandKind = Command["kind"];

export interface OutputControl {
  readonly output: number;
  /**
   * 0 nothing, 1 off for good, 2 on for good (both abort a timed operation), 3 off, 4 on (both after a timed operation
   * has ended), 5 on for the time, 6 off for the time
   */
  readonly control: number;
  /** in 100 ms; 0 with control 5 or 6 means for ever */
  readonly timerTicks: number;
}

/** 0 black, 1 red, 2 green, 3 amber, 4 blue, 5 magenta, 6 cyan, 7 white. */
export type LedColour = number;

export interface LedPattern {
  readonly onTicks: number;
  readonly offTicks: number;
  readonly onColour: LedColour;
  readonly offColour: LedColour;
}

export interface LedControl {
  readonly reader: number;
  readonly led: number;
  /** control 0 nothing, 1 cancel, 2 set and start the timer */
  readonly temporary: LedPattern & { readonly control: number; readonly timerTicks: number };
  /** control 0 nothing, 1 set */
  readonly permanent: LedPattern & { readonly control: number };
}

export interface BuzzerControl {
  readonly reader: number;
  /** 1 silent, 2 default tone */
  readonly tone: number;
  readonly onTicks: number;
  readonly offTicks: number;
  /** 0 means until told otherwise */
  readonly repeat: number;
}

export interface TextOutput {
  readonly reader: number;
  /** 1 permanent, 2 permanent with wrap, 3 temporary, 4 temporary with wrap */
  readonly command: number;
  readonly temporarySeconds: number;
  /** from 1 */
  readonly row: number;
  /** from 1 */
  readonly column: number;
  /** bytes in the reader's character set, at most 255 */
  readonly text: Uint8Array;
}

export interface LineSettings {
  readonly address: number;
  readonly baudRate: number;
}

/** A code and the bytes behind it: what stands in a frame once security is taken off. */
export interface Message {
  readonly code: number;
  readonly data: Uint8Array;
}

const NO_DATA = new Uint8Array(0);
const LED_RECORD_BYTES = 14;
const OUTPUT_RECORD_BYTES = 4;

/** @throws {OsdpError} `invalid-argument` when a value does not fit its field */
export function encodeCommand(command: Command): Message {
  if (command.kind === "opaque") return { code: command.code, data: command.data };
  return { code: CommandCode[command.kind], data: commandData(command) };
}

function commandData(command: Exclude<Command, { kind: "opaque" }>): Uint8Array {
  switch (command.kind) {
    case "poll":
    case "lstat":
    case "istat":
    case "ostat":
    case "rstat":
    case "abort":
      return NO_DATA;
    case "id":
    case "cap":
      return Uint8Array.of(0);
    case "out":
      return byteString(
        "osdp_OUT",
        ...command.outputs.flatMap((o) => [o.output, o.control, u16le(o.timerTicks)]),
      );
    case "led":
      return byteString("osdp_LED", ...command.leds.flatMap(ledRecord));
    case "buz":
      return byteString(
        "osdp_BUZ",
        command.reader,
        command.tone,
        command.onTicks,
        command.offTicks,
        command.repeat,
      );
    case "text": {
      const { reader, temporarySeconds, row, column, text } = command;
      return byteString(
        "osdp_TEXT",
        reader,
        command.command,
        temporarySeconds,
        row,
        column,
        text.length,
        text,
      );
    }
    case "comset":
      return byteString("osdp_COMSET", command.address, u32le(command.baudRate));
    case "keyset": {
      const data = new Uint8Array(2 + command.key.length);
      data.set([command.keyType, command.key.length]);
      data.set(command.key, 2);
      return data;
    }
    case "chlng":
      return command.cpRandom;
    case "scrypt":
      return command.cpCryptogram;
    case "acurxsize":
      return byteString("osdp_ACURXSIZE", u16le(command.sizeBytes));
    case "filetransfer":
      return command.data;
    case "mfg":
      return byteString("osdp_MFG", u24be(command.vendor), command.data);
    case "xwr":
      return encodeXwr(command.request);
    case "keepactive":
      return byteString("osdp_KEEPACTIVE", u16le(command.timeMs));
  }
}

function ledRecord(led: LedControl) {
  const { temporary, permanent } = led;
  return [
    led.reader,
    led.led,
    temporary.control,
    temporary.onTicks,
    temporary.offTicks,
    temporary.onColour,
    temporary.offColour,
    u16le(temporary.timerTicks),
    permanent.control,
    permanent.onTicks,
    permanent.offTicks,
    permanent.onColour,
    permanent.offColour,
  ];
}

/**
 * @returns a typed command; a code this package does not know comes back as `opaque`
 * @throws {OsdpError} `malformed-message` when the data of a known code has the wrong length
 */
export function decodeCommand(message: Message): Command {
  const reader = makeByteReader(`command ${message.code.toString(16)}`, message.data);
  const command = readCommand(message, reader);
  reader.end();
  return command;
}

function readCommand(message: Message, reader: ReturnType<typeof makeByteReader>): Command {
  switch (message.code) {
    case CommandCode.poll:
      return { kind: "poll" };
    case CommandCode.lstat:
      return { kind: "lstat" };
    case CommandCode.istat:
      return { kind: "istat" };
    case CommandCode.ostat:
      return { kind: "ostat" };
    case CommandCode.rstat:
      return { kind: "rstat" };
    case CommandCode.abort:
      return { kind: "abort" };
    case CommandCode.id:
      reader.u8();
      return { kind: "id" };
    case CommandCode.cap:
      reader.u8();
      return { kind: "cap" };
    case CommandCode.out:
      return {
        kind: "out",
        outputs: records(reader, OUTPUT_RECORD_BYTES, () => ({
          output: reader.u8(),
          control: reader.u8(),
          timerTicks: reader.u16le(),
        })),
      };
    case CommandCode.led:
      return { kind: "led", leds: records(reader, LED_RECORD_BYTES, () => readLed(reader)) };
    case CommandCode.buz:
      return {
        kind: "buz",
        reader: reader.u8(),
        tone: reader.u8(),
        onTicks: reader.u8(),
        offTicks: reader.u8(),
        repeat: reader.u8(),
      };
    case CommandCode.text:
      return {
        kind: "text",
        reader: reader.u8(),
        command: reader.u8(),
        temporarySeconds: reader.u8(),
        row: reader.u8(),
        column: reader.u8(),
        text: reader.bytes(reader.u8()),
      };
    case CommandCode.comset:
      return { kind: "comset", address: reader.u8(), baudRate: reader.u32le() };
    case CommandCode.keyset:
      return { kind: "keyset", keyType: reader.u8(), key: reader.bytes(reader.u8()) };
    case CommandCode.chlng:
      return { kind: "chlng", cpRandom: reader.bytes(8) };
    case CommandCode.scrypt:
      return { kind: "scrypt", cpCryptogram: reader.bytes(16) };
    case CommandCode.acurxsize:
      return { kind: "acurxsize", sizeBytes: reader.u16le() };
    case CommandCode.filetransfer:
      return { kind: "filetransfer", data: reader.rest() };
    case CommandCode.mfg:
      return { kind: "mfg", vendor: reader.u24be(), data: reader.rest() };
    case CommandCode.xwr:
      return { kind: "xwr", request: decodeXwr(reader.rest()) };
    case CommandCode.keepactive:
      return { kind: "keepactive", timeMs: reader.u16le() };
    default:
      return { kind: "opaque", code: message.code, data: reader.rest() };
  }
}

function readLed(reader: ReturnType<typeof makeByteReader>): LedControl {
  return {
    reader: reader.u8(),
    led: reader.u8(),
    temporary: {
      control: reader.u8(),
      onTicks: reader.u8(),
      offTicks: reader.u8(),
      onColour: reader.u8(),
      offColour: reader.u8(),
      timerTicks: reader.u16le(),
    },
    permanent: {
      control: reader.u8(),
      onTicks: reader.u8(),
      offTicks: reader.u8(),
      onColour: reader.u8(),
      offColour: reader.u8(),
    },
  };
}

function records<T>(reader: ReturnType<typeof makeByteReader>, recordBytes: number, read: () => T): T[] {
  if (reader.left === 0 || reader.left % recordBytes !== 0) {
    throw new OsdpError(
      "malformed-message",
      `expected records of ${recordBytes} bytes, came ${reader.left} bytes`,
    );
  }
  return Array.from({ length: reader.left / recordBytes }, read);
}
