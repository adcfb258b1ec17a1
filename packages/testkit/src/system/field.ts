import { randomBytes } from "node:crypto";
import { makePeripheralLine, openTransport, systemTimers } from "@menshen/osdp";
import {
  type Door,
  makeDoor,
  makeVirtualIoUnit,
  makeVirtualReader,
  type ReaderEvent,
  type VirtualIoUnit,
  type VirtualReader,
} from "@menshen/virtual-devices";

/** One door's hardware on a bus of its own: an outdoor reader at address 0, an indoor unit at address 1. */
export interface FieldDoor {
  /** What the gate's configuration names as the bus's transport. */
  readonly transport: string;
  readonly reader: VirtualReader;
  readonly unit: VirtualIoUnit;
  readonly door: Door;
  /** Times at which the strike was released, by `performance.now()`. */
  readonly releases: number[];
  /** What the gate makes the reader do: its lamp and buzzer are how a person learns the outcome. */
  onReaderEvent(listener: (event: ReaderEvent) => void): void;
  close(): Promise<void>;
}

export const READER_ADDRESS = 0;
export const UNIT_ADDRESS = 1;
export const STRIKE_OUTPUT = 0;
export const CONTACT_INPUT = 0;
export const EXIT_INPUT = 1;
export const FIRE_INPUT = 2;

/** Real peripheral machines behind a Unix socket, in this process; their keys are set by the gate in its window. */
export async function makeFieldDoor(socket: string): Promise<FieldDoor> {
  const timers = systemTimers;
  const transport = await openTransport(`unix-listen:${socket}`);
  const line = makePeripheralLine({
    transport,
    timers,
    random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
  });
  const door = makeDoor(timers);
  const releases: number[] = [];
  door.onRelease((released) => {
    if (released) releases.push(performance.now());
  });
  const listeners: ((event: ReaderEvent) => void)[] = [];
  const reader = makeVirtualReader(line, {
    address: READER_ADDRESS,
    timers,
    onEvent: (event) => {
      for (const listener of listeners) listener(event);
    },
  });
  const unit = makeVirtualIoUnit(line, {
    address: UNIT_ADDRESS,
    timers,
    inputCount: 4,
    outputCount: 2,
    doors: [{ door, strikeOutput: STRIKE_OUTPUT, contactInput: CONTACT_INPUT, exitInput: EXIT_INPUT }],
  });
  return {
    transport: `unix:${socket}`,
    reader,
    unit,
    door,
    releases,
    onReaderEvent: (listener) => listeners.push(listener),
    close: () => line.stop(),
  };
}
