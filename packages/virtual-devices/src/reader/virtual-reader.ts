import type { BitString, SoftwareCard } from "@menshen/credentials";
import {
  type BuzzerControl,
  Capability,
  type LedControl,
  type LineSettings,
  type OutputControl,
  type PdIdentity,
  type Peripheral,
  type PeripheralLine,
  type PeripheralLink,
  type Scbk,
  type TextOutput,
  type Timers,
} from "@menshen/osdp";
import { makeInputs } from "./inputs.ts";
import { type LampState, makeLamp } from "./lamp.ts";
import { makeOutputs } from "./outputs.ts";
import { makePkocSide } from "./pkoc-side.ts";

/** What the panel made a reader do, and what became of its link. */
export type ReaderEvent =
  | { readonly kind: "link"; readonly link: PeripheralLink }
  | { readonly kind: "led"; readonly control: LedControl }
  /** What is seen after a lamp command or when its time ended; lamp 0 only. */
  | { readonly kind: "lamp"; readonly state: LampState }
  | { readonly kind: "buzzer"; readonly control: BuzzerControl }
  | { readonly kind: "text"; readonly text: TextOutput }
  | { readonly kind: "out"; readonly control: OutputControl }
  /** An output changed, by command or because its time ended. */
  | { readonly kind: "output"; readonly output: number; readonly on: boolean }
  | { readonly kind: "key-set"; readonly key: Scbk }
  | { readonly kind: "comset"; readonly line: LineSettings };

export interface VirtualReaderOptions {
  readonly address: number;
  readonly timers: Timers;
  /** Absent: fresh from the box, in install mode. */
  readonly key?: Scbk;
  readonly serial?: number;
  /** SCBK-D opens a channel although there is a key, as a badly installed reader would. */
  readonly installMode?: boolean;
  /** Contacts and relays on the reader's own board; none unless told. */
  readonly inputCount?: number;
  readonly outputCount?: number;
  /** Reads PKOC cards itself and reports them in osdp_MFGREP (PSIA's OSDP messages), passing no APDUs of theirs on. */
  readonly pkoc?: boolean;
  readonly onEvent?: (event: ReaderEvent) => void;
}

/** What can be held to a reader. A card of kind `uid` is a number and nothing else. */
export interface HeldCard extends Pick<SoftwareCard, "reset" | "powerOff" | "transceive"> {
  readonly kind: string;
  /** What the reader sees at anticollision. */
  readonly uid: Uint8Array;
}

export interface HoldOptions {
  /** 3 s unless told. */
  readonly longestMs?: number;
  /** The card stays in the field when the panel lets go of it, until it is taken away or the time is over. */
  readonly stays?: boolean;
}

/**
 * An OSDP reader with keypad, lamp, buzzer and tamper switch. Smart cards are passed through (osdp_XWR mode 1) where the
 * panel asked for that; a bare number goes out as osdp_RAW in either mode.
 */
export interface VirtualReader {
  readonly link: PeripheralLink;
  readonly lamp: LampState;
  readonly pulled: boolean;
  /**
   * Holds a card to the reader until the panel lets go of it, the card is taken away or its time is over; resolves then.
   * A card that was there before is taken away first.
   */
  hold(card: HeldCard, options?: HoldOptions): Promise<"released" | "taken" | "waited">;
  /** Takes the card away in mid-dialogue. */
  take(): void;
  /** A number without a card behind it: format 1 is Wiegand with parity, 0 anything. */
  swipe(bits: BitString, format?: 0 | 1): boolean;
  /** `0`–`9`, `*` and `#`; false if the reader's memory is full. */
  type(keys: string): boolean;
  /** What a reader with a display or its own card decoder sends as osdp_FMT. */
  sendText(characters: Uint8Array): boolean;
  /** Active is a closed circuit. False if there is no such input. */
  setInput(input: number, active: boolean): boolean;
  /** Busy readers answer nothing but BUSY. */
  setBusy(busy: boolean): void;
  setTamper(active: boolean): void;
  setPowerFailed(failed: boolean): void;
  /** Off its bus, and back. The wires are opened, which the reader's own tamper switch cannot tell. */
  setPulled(pulled: boolean): void;
}

const LONGEST_HOLD_MS = 3_000;
/** A vendor of nobody: the "locally administered" bit of its IEEE identifier is set. */
const VENDOR = 0x02_4d_53;
const MODEL_READER = 1;

export function makeVirtualReader(line: PeripheralLine, options: VirtualReaderOptions): VirtualReader {
  const { address, timers } = options;
  const emit = (event: ReaderEvent) => options.onEvent?.(event);
  const lamp = makeLamp(timers, (state) => emit({ kind: "lamp", state }));
  const outputs = makeOutputs(timers, options.outputCount ?? 0, (output, on) =>
    emit({ kind: "output", output, on }),
  );
  const inputs = makeInputs(options.inputCount ?? 0, (states) =>
    peripheral?.report({ kind: "istatr", inputs: states }),
  );
  let { key } = options;
  let tamper = false;
  let powerFailed = false;
  let peripheral: Peripheral | undefined;
  const pkoc = options.pkoc === true ? makePkocSide((reply) => peripheral?.report(reply)) : undefined;
  let held: { end(outcome: "released" | "taken" | "waited"): void } | undefined;

  const plug = () => {
    peripheral = line.add(
      {
        address,
        identity: identityOf(MODEL_READER, options.serial ?? address),
        capabilities: [
          { function: Capability.cardDataFormat, compliance: 1, items: 0 },
          { function: Capability.ledControl, compliance: 4, items: 1 },
          { function: Capability.audibleOutput, compliance: 2, items: 1 },
          { function: Capability.textOutput, compliance: 1, items: 1 },
          { function: Capability.checkCharacter, compliance: 1, items: 0 },
          { function: Capability.communicationSecurity, compliance: 1, items: key === undefined ? 1 : 0 },
          { function: Capability.receiveBufferSize, compliance: 0xa0, items: 5 },
          { function: Capability.smartCard, compliance: 1, items: 0 },
          { function: Capability.readers, compliance: 1, items: 1 },
          ...(inputs.states.length === 0
            ? []
            : [{ function: Capability.contactStatus, compliance: 1, items: inputs.states.length }]),
          ...(outputs.states.length === 0
            ? []
            : [{ function: Capability.outputControl, compliance: 1, items: outputs.states.length }]),
        ],
        ...(key === undefined ? {} : { key }),
        ...(options.installMode === undefined ? {} : { installMode: options.installMode }),
      },
      {
        led(leds) {
          if (leds.some(({ led, reader }) => led !== 0 || reader !== 0)) return false;
          for (const control of leds) {
            emit({ kind: "led", control });
            lamp.apply(control);
          }
          return true;
        },
        buzzer(control) {
          emit({ kind: "buzzer", control });
          return true;
        },
        text(text) {
          emit({ kind: "text", text });
          return true;
        },
        output(controls) {
          for (const control of controls) emit({ kind: "out", control });
          return outputs.apply(controls);
        },
        outputStates: () => outputs.states,
        inputStates: () => inputs.states,
        localStatus: () => ({ tamper, powerFailed }),
        readerStates: () => [tamper ? 2 : 0],
        keyset(next) {
          key = next;
          emit({ kind: "key-set", key: next });
          return true;
        },
        comset(settings) {
          emit({ kind: "comset", line: settings });
          return true;
        },
        ...(pkoc === undefined
          ? {}
          : { mfg: (vendor: number, data: Uint8Array) => pkoc.answer(vendor, data) ?? false }),
        link: (link) => emit({ kind: "link", link }),
      },
    );
  };
  plug();

  const reportStatus = () => peripheral?.report({ kind: "lstatr", tamper, powerFailed });

  return {
    get link() {
      return peripheral?.link ?? { online: false, secure: false };
    },
    get lamp() {
      return lamp.state;
    },
    get pulled() {
      return peripheral === undefined;
    },
    hold(card, { longestMs = LONGEST_HOLD_MS, stays = false } = {}) {
      held?.end("taken");
      if (card.kind === "uid") {
        peripheral?.report({
          kind: "raw",
          reader: 0,
          format: 0,
          bitCount: card.uid.length * 8,
          bits: card.uid,
        });
        return Promise.resolve("released");
      }
      return new Promise((resolve) => {
        const end = (outcome: "released" | "taken" | "waited") => {
          if (held?.end !== end) return;
          held = undefined;
          cancel();
          pkoc?.remove();
          peripheral?.removeCard();
          card.powerOff();
          resolve(outcome);
        };
        held = { end };
        const cancel = timers.set(longestMs, () => end("waited"));
        card.reset();
        const transceive = async (apdu: Uint8Array) => {
          if (held?.end !== end) throw new Error("the card was taken away");
          const response = await card.transceive(apdu);
          if (held?.end !== end) throw new Error("the card was taken away");
          return response;
        };
        const passThrough = () => {
          if (held?.end !== end) return;
          const released = () => (stays ? card.reset() : end("released"));
          peripheral?.insertCard({ protocol: "contactless", csn: card.uid, transceive, released });
        };
        if (pkoc === undefined) passThrough();
        else void pkoc.insert(transceive).then((present) => (present ? undefined : passThrough()));
      });
    },
    take: () => held?.end("taken"),
    swipe: (bits, format = 1) =>
      peripheral?.report({
        kind: "raw",
        reader: 0,
        format,
        bitCount: bits.bitCount,
        bits: bits.bytes,
      }) ?? false,
    type(keys) {
      return peripheral?.report({ kind: "keypad", reader: 0, digits: keypadBytes(keys) }) ?? false;
    },
    sendText: (characters) =>
      peripheral?.report({ kind: "fmt", reader: 0, direction: 0, characters }) ?? false,
    setInput: inputs.set,
    setBusy: (busy) => peripheral?.setBusy(busy),
    setTamper(active) {
      if (tamper === active) return;
      tamper = active;
      reportStatus();
    },
    setPowerFailed(failed) {
      if (powerFailed === failed) return;
      powerFailed = failed;
      reportStatus();
    },
    setPulled(pulled) {
      if (pulled === (peripheral === undefined)) return;
      if (pulled) {
        held?.end("taken");
        // COMSET may have moved it.
        if (peripheral !== undefined) line.remove(peripheral.address);
        peripheral = undefined;
      } else {
        plug();
      }
    },
  };
}

/** The identity every virtual peripheral tells, with its model and serial number. */
export function identityOf(model: number, serial: number): PdIdentity {
  return { vendor: VENDOR, model, version: 1, serial, firmware: { major: 0, minor: 1, build: 0 } };
}

/** Bytes of osdp_KEYPAD: ASCII digits, 7F for `*`, 0D for `#` (SIA OSDP v2.2 §7.12). Other characters are left out. */
export function keypadBytes(keys: string): Uint8Array {
  return Uint8Array.from(
    [...keys].flatMap((key) => {
      if (key === "*") return [0x7f];
      if (key === "#") return [0x0d];
      return /^[0-9]$/.test(key) ? [key.charCodeAt(0)] : [];
    }),
  );
}
