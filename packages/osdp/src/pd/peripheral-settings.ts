import type {
  BuzzerControl,
  LedControl,
  LineSettings,
  OutputControl,
  TextOutput,
} from "../message/command.ts";
import type { PdCapability, PdIdentity, Reply } from "../message/reply.ts";
import type { Scbk } from "../secure/scbk.ts";
import type { Protection } from "../secure/session.ts";
import type { Timers } from "../timers.ts";
import type { ByteStream } from "../transport/byte-stream.ts";

/** One peripheral: who it is and how it behaves on the line. */
export interface PeripheralSettings {
  /** 0 to 126 */
  readonly address: number;
  readonly identity: PdIdentity;
  /** As they go out in PDCAP, in this order. */
  readonly capabilities: readonly PdCapability[];
  /** 8 bytes for CCRYPT; default: vendor, model and serial of the identity (SIA OSDP v2.2 Annex D.4.3) */
  readonly clientUid?: Uint8Array;
  /** Absent: the peripheral has not been given a key yet. */
  readonly key?: Scbk;
  /**
   * Whether SCBK-D opens a secure channel. Ends for good with the first KEYSET. Default: true exactly without a key.
   */
  readonly installMode?: boolean;
  /**
   * Whether everything but ID, CAP and the handshake is refused outside a secure channel. Default: true exactly with a
   * key.
   */
  readonly secureChannelRequired?: boolean;
  /** How answers to LSTAT, ISTAT, OSTAT and RSTAT travel in a secure channel; default enciphered. */
  readonly statusProtection?: Protection;
  /** Without a command for this long the secure channel ends (SIA OSDP v2.2 Annex D.2.2: 8 s). */
  readonly sessionTimeoutMs?: number;
  /** How long an APDU may take before the reader acknowledges and delivers the answer on a later poll. Default 100. */
  readonly cardInlineMs?: number;
}

/** What the owner does when the panel asks. Every handler is optional; without one the command gets NAK 3. */
export interface PeripheralHandlers {
  /** false refuses with NAK 9, here and below */
  readonly led?: (leds: readonly LedControl[]) => boolean;
  readonly buzzer?: (buzzer: BuzzerControl) => boolean;
  readonly text?: (text: TextOutput) => boolean;
  readonly output?: (outputs: readonly OutputControl[]) => boolean;
  readonly inputStates?: () => readonly number[];
  readonly outputStates?: () => readonly number[];
  readonly readerStates?: () => readonly number[];
  readonly localStatus?: () => { readonly tamper: boolean; readonly powerFailed: boolean };
  /**
   * Store the key before returning true: the acknowledgement follows, and from then on the panel uses it. The bytes are
   * a copy the handler may keep.
   */
  readonly keyset?: (key: Scbk) => boolean;
  /** true accepts; the address takes effect after the answer, the speed is the owner's matter */
  readonly comset?: (line: LineSettings) => boolean;
  /** an answer, or false for NAK 9 */
  readonly mfg?: (vendor: number, data: Uint8Array) => Reply | false;
  /** FILETRANSFER and unknown codes; undefined is NAK 3 */
  readonly other?: (code: number, data: Uint8Array) => Reply | undefined;
  /** told when the panel comes, goes, and when a secure channel begins or ends */
  readonly link?: (state: PeripheralLink) => void;
}

export interface PeripheralLink {
  readonly online: boolean;
  readonly secure: boolean;
  /** which key the secure channel runs under */
  readonly key?: "scbk" | "scbk-d";
}

/** A card in the reader's field. */
export interface PresentCard {
  readonly protocol: "contact" | "contactless";
  /** the number the reader reads without keys */
  readonly csn: Uint8Array;
  /** how mode 0 reports it; default: the CSN as raw bits */
  readonly raw?: { readonly format: number; readonly bitCount: number; readonly bits: Uint8Array };
  /** One APDU to the card. Rejecting means the card is gone. Absent: a card that only has a number. */
  readonly transceive?: (apdu: Uint8Array) => Promise<Uint8Array>;
  /** The panel is done with the card; the field is switched off and on. */
  readonly released?: () => void;
}

/** One peripheral in operation. */
export interface Peripheral {
  readonly address: number;
  readonly link: PeripheralLink;
  /** Puts a report behind the ones waiting; polls fetch them one by one. False when 64 are waiting. */
  report(reply: Reply): boolean;
  /** A card enters the field: in mode 0 it is reported by number, in mode 1 as present. */
  insertCard(card: PresentCard, reader?: number): void;
  /** The card leaves; in mode 1 that is reported. */
  removeCard(): void;
  /** Reports waiting for a poll. */
  readonly waiting: number;
  /** While busy every command is answered BUSY and nothing is carried out. */
  setBusy(busy: boolean): void;
}

export interface PeripheralLineOptions {
  /** the line; the peripherals become its listener and close it in `stop` */
  readonly transport: ByteStream;
  /** default: the process's own clock */
  readonly timers?: Timers;
  /** default: the operating system's generator */
  readonly random?: (lengthBytes: number) => Uint8Array;
}

/** The peripheral end of one line: one peripheral, or several sharing the wires. */
export interface PeripheralLine {
  /** @throws {OsdpError} `invalid-argument` when the address is taken or out of range */
  add(settings: PeripheralSettings, handlers?: PeripheralHandlers): Peripheral;
  /** Unplugs one peripheral; the keys of its session are wiped. */
  remove(address: number): void;
  /** Unplugs all and closes the transport. */
  stop(): Promise<void>;
}
