import { fromHex } from "@menshen/crypto/node";
import { makeBus } from "./cp/bus.ts";
import type { Bus } from "./cp/bus-api.ts";
import type { BusEvent } from "./cp/bus-event.ts";
import type { BusTiming, PdSettings } from "./cp/settings.ts";
import { type ManualTimers, makeManualTimers } from "./manual-timers.fixture.ts";
import { makePeripheralLine } from "./pd/peripheral-line.ts";
import type { PeripheralLine, PeripheralSettings } from "./pd/peripheral-settings.ts";
import { parseScbk, type Scbk } from "./secure/scbk.ts";
import type { ByteStream, ByteStreamListener } from "./transport/byte-stream.ts";

export const KEY: Scbk = parseScbk(fromHex("6f1c0a93d47e25b8815d3cf0a2479be6"));
export const OTHER_KEY: Scbk = parseScbk(fromHex("c2903d7f5ae1146b08d98237ef51ba4c"));

/** What happens to a chunk on the way: what arrives instead, in order. */
export type Tap = (bytes: Uint8Array) => readonly Uint8Array[];

/** A line whose two directions a test can bend. */
export interface BentLine {
  readonly panelEnd: ByteStream;
  readonly readerEnd: ByteStream;
  toPanel: Tap;
  toReader: Tap;
  /** Sends bytes to the panel that no reader sent. */
  inject(bytes: Uint8Array): void;
  /** The cable is pulled from the panel, or put back. */
  setConnected(connected: boolean): void;
  readonly sentByPanel: Uint8Array[];
  readonly sentByReader: Uint8Array[];
}

const STRAIGHT: Tap = (bytes) => [bytes];

export function makeBentLine(): BentLine {
  let connected = true;
  let panel: ByteStreamListener | undefined;
  let reader: ByteStreamListener | undefined;
  const sentByPanel: Uint8Array[] = [];
  const sentByReader: Uint8Array[] = [];

  function deliver(parts: () => readonly Uint8Array[], to: () => ByteStreamListener | undefined): void {
    if (!connected) return;
    queueMicrotask(() => {
      for (const part of parts()) to()?.received(part);
    });
  }

  const line: BentLine = {
    toPanel: STRAIGHT,
    toReader: STRAIGHT,
    sentByPanel,
    sentByReader,
    inject: (bytes) => queueMicrotask(() => panel?.received(bytes)),
    setConnected(next) {
      connected = next;
      if (next) panel?.opened();
      else panel?.closed();
    },
    panelEnd: {
      get isOpen() {
        return connected;
      },
      write(bytes) {
        sentByPanel.push(bytes);
        deliver(
          () => line.toReader(bytes),
          () => reader,
        );
      },
      listen(listener) {
        panel = listener;
        if (connected) listener.opened();
      },
      close: async () => undefined,
    },
    readerEnd: {
      isOpen: true,
      write(bytes) {
        sentByReader.push(bytes);
        deliver(
          () => line.toPanel(bytes),
          () => panel,
        );
      },
      listen(listener) {
        reader = listener;
        listener.opened();
      },
      close: async () => undefined,
    },
  };
  return line;
}

export interface Rig {
  readonly timers: ManualTimers;
  readonly line: BentLine;
  readonly bus: Bus;
  readonly readers: PeripheralLine;
  readonly events: BusEvent[];
  /** kinds of events so far, with their state, reason or cause, and forgets them */
  take(): string[];
}

export interface RigOptions {
  readonly pds?: readonly PdSettings[];
  readonly timing?: Partial<BusTiming>;
  readonly onEvent?: (event: BusEvent) => void;
}

/** A panel and a line of readers under one stopped clock; readers are added by the test. */
export function makeRig(options: RigOptions = {}): Rig {
  const timers = makeManualTimers();
  const line = makeBentLine();
  const events: BusEvent[] = [];
  const readers = makePeripheralLine({ transport: line.readerEnd, timers, random: countingRandom(0x51) });
  const bus = makeBus({
    transport: line.panelEnd,
    pds: options.pds ?? [{ address: 1, security: { kind: "secure-channel", key: KEY } }],
    onEvent(event) {
      events.push(event);
      options.onEvent?.(event);
    },
    timers,
    random: countingRandom(0xa1),
    ...(options.timing === undefined ? {} : { timing: options.timing }),
  });
  return { timers, line, bus, readers, events, take: () => events.splice(0).map(label) };
}

export function readerSettings(address: number, more: Partial<PeripheralSettings> = {}): PeripheralSettings {
  return {
    address,
    identity: {
      vendor: 0x0075a1,
      model: 7,
      version: 2,
      serial: 1_000 + address,
      firmware: { major: 3, minor: 1, build: 4 },
    },
    capabilities: [
      { function: 1, compliance: 1, items: 2 },
      { function: 9, compliance: 1, items: 1 },
      { function: 10, compliance: 0xa0, items: 0x05 },
    ],
    key: KEY,
    ...more,
  };
}

function label(event: BusEvent): string {
  const words: string[] = [event.kind];
  if ("state" in event) words.push(event.state);
  if ("reason" in event) words.push(String(event.reason));
  if ("cause" in event) words.push(event.cause);
  if ("active" in event) words.push(event.active ? "on" : "off");
  return words.join(" ");
}

/** Never the same bytes twice, and always the same ones in each run. */
function countingRandom(start: number): (lengthBytes: number) => Uint8Array {
  let next = start;
  return (lengthBytes) =>
    Uint8Array.from({ length: lengthBytes }, () => {
      next = (next * 73 + 41) & 0xffff;
      return next >> 8;
    });
}
