import {
  type Bus,
  type BusEvent,
  makeBus,
  makePeripheralLine,
  makeStreamPair,
  type PdSettings,
  type PeripheralLine,
} from "@menshen/osdp";
import { seededRandom } from "../random.ts";
import { type SimulatedTimers, simulatedTimers } from "../simulated-timers.ts";

export interface TestBus {
  readonly timers: SimulatedTimers;
  readonly line: PeripheralLine;
  readonly bus: Bus;
  readonly events: BusEvent[];
  /** Lets simulated time pass, and what waits for microtasks happen in between. */
  run(ms: number): Promise<void>;
  /** Events of one kind since the beginning. */
  of<K extends BusEvent["kind"]>(kind: K): Extract<BusEvent, { kind: K }>[];
}

/** A panel and the peripheral end of its line, in one process and in simulated time. */
export function makeTestBus(pds: readonly PdSettings[]): TestBus {
  const timers = simulatedTimers();
  const random = seededRandom("bus");
  const [panelEnd, peripheralEnd] = makeStreamPair();
  const events: BusEvent[] = [];
  const line = makePeripheralLine({ transport: peripheralEnd, timers, random: random.branch("line").bytes });
  const bus = makeBus({
    transport: panelEnd,
    pds,
    onEvent: (event) => events.push(event),
    timers,
    random: random.branch("panel").bytes,
  });
  return {
    timers,
    line,
    bus,
    events,
    async run(ms) {
      for (let passed = 0; passed < ms; passed += 5) {
        timers.advance(5);
        for (let turn = 0; turn < 8; turn++) await Promise.resolve();
      }
    },
    of: (kind) =>
      events.filter((event): event is Extract<BusEvent, { kind: typeof kind }> => event.kind === kind),
  };
}
