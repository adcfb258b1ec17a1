import { makePeripheralLine, openTransport, type PeripheralLine, systemTimers } from "@menshen/osdp";
import {
  type Door,
  makeDoor,
  makeVirtualIoUnit,
  makeVirtualReader,
  type VirtualIoUnit,
  type VirtualReader,
} from "@menshen/virtual-devices";
import { type GateWiring, linePath, WIRINGS } from "../wiring.ts";
import type { KeyStore } from "./key-store.ts";
import { type LinkCut, makeLinkCut } from "./link-cut.ts";

/** A door with what hangs on it. */
export interface HardwareDoor {
  readonly key: string;
  readonly reader: VirtualReader;
  readonly door: Door;
}

/** Everything around one gate: its OSDP line with readers, unit and doors, and its two ways to the server. */
export interface HardwareGate {
  readonly key: string;
  readonly wiring: GateWiring;
  readonly doors: readonly HardwareDoor[];
  readonly unit: VirtualIoUnit;
  readonly enrolment: LinkCut;
  readonly mqtt: LinkCut;
  readonly networkCut: boolean;
  cutNetwork(cut: boolean): void;
  readonly fire: boolean;
  /** The fire panel: releases the strikes by itself and tells the gate. */
  setFire(on: boolean): void;
}

/** Builds the hardware of every gate. The lines are listened on when this resolves. */
export async function buildHardware(
  lines: string,
  keys: KeyStore,
): Promise<{ readonly gates: readonly HardwareGate[]; readonly stop: () => Promise<void> }> {
  const built = await Promise.all(WIRINGS.map((wiring) => buildGate(wiring, lines, keys)));
  return {
    gates: built.map(({ gate }) => gate),
    async stop() {
      await Promise.all(
        built.flatMap(({ gate, line }) => [line.stop(), gate.enrolment.close(), gate.mqtt.close()]),
      );
    },
  };
}

async function buildGate(
  wiring: GateWiring,
  lines: string,
  keys: KeyStore,
): Promise<{ readonly gate: HardwareGate; readonly line: PeripheralLine }> {
  const { key } = wiring.gate;
  const transport = await openTransport(`unix-listen:${linePath(lines, key)}`);
  const line = makePeripheralLine({ transport });
  const [enrolment, mqtt] = await Promise.all([makeLinkCut(), makeLinkCut()]);
  const doors = wiring.doors.map(({ door, readerAddress }): HardwareDoor => {
    const name = `reader ${door.key}`;
    const scbk = keys.of(name);
    const reader = makeVirtualReader(line, {
      address: readerAddress,
      timers: systemTimers,
      ...(scbk === undefined ? {} : { key: scbk }),
      onEvent(event) {
        if (event.kind === "key-set") keys.keep(name, event.key);
      },
    });
    return { key: door.key, reader, door: makeDoor(systemTimers) };
  });
  const unitKey = keys.of(`unit ${key}`);
  const unit = makeVirtualIoUnit(line, {
    address: wiring.unitAddress,
    timers: systemTimers,
    inputCount: wiring.inputCount,
    outputCount: wiring.outputCount,
    ...(unitKey === undefined ? {} : { key: unitKey }),
    onKeySet: (scbk) => keys.keep(`unit ${key}`, scbk),
    doors: wiring.doors.flatMap((wired) => {
      const built = doors.find((one) => one.key === wired.door.key);
      return built === undefined ? [] : [{ ...wired, door: built.door }];
    }),
  });
  let fire = false;
  const gate: HardwareGate = {
    key,
    wiring,
    doors,
    unit,
    enrolment,
    mqtt,
    get networkCut() {
      return mqtt.isCut;
    },
    cutNetwork(cut) {
      enrolment.cut(cut);
      mqtt.cut(cut);
    },
    get fire() {
      return fire;
    },
    setFire(on) {
      fire = on;
      for (const { door } of doors) door.setFireRelease(on);
      unit.setInput(wiring.fireInput, on);
    },
  };
  return { gate, line };
}
