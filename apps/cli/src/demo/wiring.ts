import { join } from "node:path";
import { DOORS, type DoorPlan, GATES, type GatePlan } from "./site-plan.ts";

/** How the doors of one gate hang on its one OSDP line: readers at 1, 2, 3 … and one indoor unit for all locks. */
export interface GateWiring {
  readonly gate: GatePlan;
  readonly doors: readonly DoorWiring[];
  readonly unitAddress: number;
  readonly fireInput: number;
  readonly inputCount: number;
  readonly outputCount: number;
}

export interface DoorWiring {
  readonly door: DoorPlan;
  readonly readerAddress: number;
  readonly strikeOutput: number;
  readonly contactInput: number;
  readonly exitInput: number;
}

const UNIT_ADDRESS = 100;

export function wiringOf(gate: GatePlan): GateWiring {
  const doors = DOORS.filter((door) => door.gate === gate.key).map((door, index) => ({
    door,
    readerAddress: index + 1,
    strikeOutput: index,
    contactInput: 2 * index,
    exitInput: 2 * index + 1,
  }));
  return {
    gate,
    doors,
    unitAddress: UNIT_ADDRESS,
    fireInput: 2 * doors.length,
    inputCount: 2 * doors.length + 1,
    outputCount: doors.length,
  };
}

export const WIRINGS: readonly GateWiring[] = GATES.map(wiringOf);

export function linePath(folder: string, gateKey: string): string {
  return join(folder, `${gateKey}.sock`);
}
