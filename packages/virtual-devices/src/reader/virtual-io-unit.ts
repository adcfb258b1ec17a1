import {
  Capability,
  type Peripheral,
  type PeripheralLine,
  type PeripheralLink,
  type Scbk,
  type Timers,
} from "@menshen/osdp";
import type { Door } from "../door/door.ts";
import { makeInputs } from "./inputs.ts";
import { makeOutputs } from "./outputs.ts";
import { identityOf } from "./virtual-reader.ts";

/** A door and where its wires end. */
export interface WiredDoor {
  readonly door: Door;
  /** Current through the strike. */
  readonly strikeOutput: number;
  /** Closed circuit while the door is closed. */
  readonly contactInput: number;
  /** A contact of the other kind: closed circuit while the door is open. */
  readonly contactInverted?: boolean;
  /** Closed circuit while the exit lever is worked. */
  readonly exitInput: number;
}

export interface VirtualIoUnitOptions {
  readonly address: number;
  readonly timers: Timers;
  readonly inputCount: number;
  readonly outputCount: number;
  readonly doors?: readonly WiredDoor[];
  /** Absent: fresh from the box, in install mode. */
  readonly key?: Scbk;
  readonly serial?: number;
  /** SCBK-D opens a channel although there is a key, as a badly installed unit would. */
  readonly installMode?: boolean;
  readonly onKeySet?: (key: Scbk) => void;
  readonly onLink?: (link: PeripheralLink) => void;
  readonly onOutput?: (output: number, on: boolean) => void;
}

/** An indoor OSDP unit with relays and monitored inputs, on the secure side of the doors. */
export interface VirtualIoUnit {
  readonly link: PeripheralLink;
  readonly inputs: readonly boolean[];
  readonly outputs: readonly boolean[];
  /** Active is a closed circuit. False if there is no such input. */
  setInput(input: number, active: boolean): boolean;
  setTamper(active: boolean): void;
  /** The relay stays as it is, whatever it is told. */
  setStuck(output: number, stuck: boolean): void;
  setPulled(pulled: boolean): void;
  readonly pulled: boolean;
}

const MODEL_IO_UNIT = 2;

export function makeVirtualIoUnit(line: PeripheralLine, options: VirtualIoUnitOptions): VirtualIoUnit {
  const { address, timers } = options;
  const doors = options.doors ?? [];
  const outputs = makeOutputs(timers, options.outputCount, (output, on) => {
    for (const { door, strikeOutput } of doors) if (strikeOutput === output) door.setStrike(on);
    options.onOutput?.(output, on);
  });
  const inputs = makeInputs(options.inputCount, (states) =>
    peripheral?.report({ kind: "istatr", inputs: states }),
  );
  let { key } = options;
  let tamper = false;
  let peripheral: Peripheral | undefined;

  for (const { door, contactInput, exitInput, contactInverted = false } of doors) {
    inputs.set(contactInput, door.open === contactInverted);
    door.onContact((open) => inputs.set(contactInput, open === contactInverted));
    door.onExitContact((made) => inputs.set(exitInput, made));
  }

  const plug = () => {
    peripheral = line.add(
      {
        address,
        identity: identityOf(MODEL_IO_UNIT, options.serial ?? address),
        capabilities: [
          { function: Capability.contactStatus, compliance: 1, items: options.inputCount },
          { function: Capability.outputControl, compliance: 1, items: options.outputCount },
          { function: Capability.checkCharacter, compliance: 1, items: 0 },
          { function: Capability.communicationSecurity, compliance: 1, items: key === undefined ? 1 : 0 },
        ],
        ...(key === undefined ? {} : { key }),
        ...(options.installMode === undefined ? {} : { installMode: options.installMode }),
      },
      {
        output: (controls) => outputs.apply(controls),
        outputStates: () => outputs.states,
        inputStates: () => inputs.states,
        localStatus: () => ({ tamper, powerFailed: false }),
        keyset(next) {
          key = next;
          options.onKeySet?.(next);
          return true;
        },
        ...(options.onLink === undefined ? {} : { link: options.onLink }),
      },
    );
  };
  plug();

  return {
    get link() {
      return peripheral?.link ?? { online: false, secure: false };
    },
    get inputs() {
      return inputs.states.map((state) => state === 1);
    },
    get outputs() {
      return outputs.states.map((state) => state === 1);
    },
    get pulled() {
      return peripheral === undefined;
    },
    setInput: inputs.set,
    setStuck: outputs.setStuck,
    setTamper(active) {
      if (tamper === active) return;
      tamper = active;
      peripheral?.report({ kind: "lstatr", tamper, powerFailed: false });
    },
    setPulled(pulled) {
      if (pulled === (peripheral === undefined)) return;
      if (!pulled) return plug();
      // COMSET may have moved it.
      if (peripheral !== undefined) line.remove(peripheral.address);
      peripheral = undefined;
      // Without its unit nothing holds a fail-secure strike released.
      outputs.off();
    },
  };
}
