import type {
  BuzzerControl,
  Command,
  LedControl,
  LineSettings,
  OutputControl,
  TextOutput,
} from "../message/command.ts";
import type { PdCapability, PdIdentity, Reply } from "../message/reply.ts";
import type { XwrRequest } from "../message/xwr.ts";
import type { Scbk } from "../secure/scbk.ts";
import type { Timers } from "../timers.ts";
import type { ByteStream } from "../transport/byte-stream.ts";
import type { BusEvent } from "./bus-event.ts";
import type { BusTiming, PdSettings } from "./settings.ts";

export interface BusOptions {
  /** the line; the bus becomes its listener and closes it in `stop` */
  readonly transport: ByteStream;
  /** 1 to 16, each with its own address */
  readonly pds: readonly PdSettings[];
  /** called synchronously from the bus's own turn; must not throw */
  readonly onEvent: (event: BusEvent) => void;
  /** default: the process's own clock */
  readonly timers?: Timers;
  /** default: the operating system's generator */
  readonly random?: (lengthBytes: number) => Uint8Array;
  readonly timing?: Partial<BusTiming>;
}

/** What became of a command. Never an exception: a reader that says no is an ordinary day. */
export type CommandOutcome =
  | { readonly accepted: true; readonly reply: Reply }
  | { readonly accepted: false; readonly reason: "nak"; readonly nakReason: number }
  | { readonly accepted: false; readonly reason: Exclude<CommandRefusal, "nak"> };

export type CommandRefusal =
  | "nak"
  /** not online (for a provisioned peripheral: no secure channel) */
  | "offline"
  /** it waited or was repeated until its expiry; whether the peripheral carried it out is unknown if it was sent */
  | "expired"
  /** an answer came that does not belong to this command */
  | "unexpected-reply"
  /** 32 commands are waiting already */
  | "queue-full"
  /** KEYSET without secure channel, or the new key was not taken */
  | "not-secure"
  | "stopped";

/** Commands an owner may send; the handshake and KEYSET are the bus's own. */
export type OwnersCommand = Exclude<Command, { kind: "chlng" | "scrypt" | "keyset" }>;

export interface CommandOptions {
  /** default `commandExpiryMs` of the bus's timing */
  readonly expiryMs?: number;
}

/** What the panel knows of a peripheral now. */
export interface PdStatus {
  readonly address: number;
  readonly online: boolean;
  readonly secure: boolean;
  readonly installWindowOpen: boolean;
  readonly identity?: PdIdentity;
  readonly capabilities: readonly PdCapability[];
  readonly macFailures: number;
  readonly repeatedCommands: number;
  readonly strayReplies: number;
}

/**
 * A dialogue with the smart card at a reader, structurally a `CardChannel` of `@menshen/credentials`. One at a time a
 * reader; APDUs go one after the other.
 */
export interface OsdpCardChannel {
  readonly kind: "osdp-xwr";
  /** longest command APDU one message to this reader carries */
  readonly maxApduBytes: number;
  /**
   * Passes one APDU to the card and returns its answer, status word included.
   *
   * @throws {OsdpError} `apdu-too-long`, `card-timeout`, `card-gone`, `card-refused`, `reader-offline`, `stopped`
   */
  transceive(apdu: Uint8Array): Promise<Uint8Array>;
  /** Lets go of the card (XWR "done"). Never throws; later calls do nothing. */
  close(): Promise<void>;
}

/**
 * One OSDP line with its peripherals, seen from the panel. `address` is always the configured one. Every method throws
 * `OsdpError("invalid-argument")` for an address that is not configured and for values the protocol cannot carry.
 */
export interface Bus {
  output(
    address: number,
    outputs: readonly OutputControl[],
    options?: CommandOptions,
  ): Promise<CommandOutcome>;
  led(address: number, leds: readonly LedControl[], options?: CommandOptions): Promise<CommandOutcome>;
  buzzer(address: number, buzzer: BuzzerControl, options?: CommandOptions): Promise<CommandOutcome>;
  text(address: number, text: TextOutput, options?: CommandOptions): Promise<CommandOutcome>;
  /** The peripheral answers with the settings it takes over; the bus follows the address, the owner the speed. */
  comset(address: number, line: LineSettings, options?: CommandOptions): Promise<CommandOutcome>;
  /**
   * Gives a peripheral a new key over its secure channel, then proves it by a new handshake. Accepted means proved; if
   * the peripheral still holds the old key, that stays in force and the outcome is `not-secure`.
   */
  keyset(address: number, key: Scbk, options?: CommandOptions): Promise<CommandOutcome>;
  mfg(address: number, vendor: number, data: Uint8Array, options?: CommandOptions): Promise<CommandOutcome>;
  xwr(address: number, request: XwrRequest, options?: CommandOptions): Promise<CommandOutcome>;
  /** Smart-card mode of a reader: 0 reports card numbers, 1 passes APDUs. */
  setMode(address: number, mode: 0 | 1, config?: number): Promise<CommandOutcome>;
  /** Any other command: LSTAT, ISTAT, OSTAT, RSTAT, KEEPACTIVE, ABORT, FILETRANSFER, unknown codes. */
  send(address: number, command: OwnersCommand, options?: CommandOptions): Promise<CommandOutcome>;
  /**
   * A channel to the card that is at a reader in mode 1 (after an `xrd` event `card-present`).
   *
   * @throws {OsdpError} `reader-offline`, or `card-refused` while another channel to this reader is open
   */
  openCard(address: number, reader?: number): OsdpCardChannel;
  /**
   * For this long the peripheral may be taken over through SCBK-D, to be given its key at once. Closes by itself after
   * use. Reported by `install-window` events, which the owner must log with the operator's name.
   *
   * @throws {OsdpError} `invalid-argument` for a plain peripheral, or outside 1 ms to `installWindowMaxMs`
   */
  openInstallWindow(address: number, durationMs: number): void;
  closeInstallWindow(address: number): void;
  /** New poll interval of one peripheral, from its next poll on. */
  setPollInterval(address: number, pollIntervalMs: number): void;
  status(address: number): PdStatus;
  /** Ends everything: waiting commands get `stopped`, keys are wiped, the transport is closed. */
  stop(): Promise<void>;
}
