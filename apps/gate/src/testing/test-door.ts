import { join } from "node:path";
import { randomBytes } from "@menshen/crypto/node";
import { makePeripheralLine, openTransport, type PeripheralLine, systemTimers } from "@menshen/osdp";
import {
  makeDoor,
  makeVirtualIoUnit,
  makeVirtualReader,
  type VirtualIoUnit,
  type VirtualReader,
} from "@menshen/virtual-devices";
import { CONTACT_INPUT, EXIT_INPUT } from "./test-config.ts";

/** A reader at address 0 and a unit at address 1 with a door's lock, on the line that `configOf` names. */
export interface TestDoor {
  readonly line: PeripheralLine;
  readonly reader: VirtualReader;
  readonly unit: VirtualIoUnit;
  /** What the strike did, in order: true released, false locked. */
  readonly releases: boolean[];
}

export async function standTestDoor(folder: string): Promise<TestDoor> {
  const transport = await openTransport(`unix-listen:${join(folder, "bus.sock")}`);
  const line = makePeripheralLine({ transport, timers: systemTimers, random: randomBytes });
  const door = makeDoor(systemTimers, { openingMs: 20, passingMs: 100, closingMs: 50 });
  const releases: boolean[] = [];
  door.onRelease((released) => releases.push(released));
  const reader = makeVirtualReader(line, { address: 0, timers: systemTimers });
  const unit = makeVirtualIoUnit(line, {
    address: 1,
    timers: systemTimers,
    inputCount: 4,
    outputCount: 2,
    doors: [{ door, strikeOutput: 0, contactInput: CONTACT_INPUT, exitInput: EXIT_INPUT }],
  });
  return { line, reader, unit, releases };
}
