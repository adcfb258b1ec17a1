import type { ReaderId } from "@menshen/domain";
import type { GateEvent } from "@menshen/wire";
import type { Cancel, ClockSource } from "../clock/clock-source.ts";
import type { GateConfig, InputConfig } from "../config.ts";
import type { Findings } from "../findings.ts";

/**
 * Whether an input says what it is there for: the door is open, the button pressed, the power gone.
 *
 * @returns `undefined` if the report is not about this input
 */
export function isTriggered(
  input: InputConfig | undefined,
  readerId: ReaderId,
  states: readonly number[],
): boolean | undefined {
  const state = input?.readerId === readerId ? states[input.input] : undefined;
  return state === undefined ? undefined : (state !== 0) !== input?.normallyClosed;
}

/** Contacts of the power supply: the mains failed, its battery is low. */
export interface PowerInputs {
  inputs(readerId: ReaderId, states: readonly number[]): void;
  stop(): void;
}

/** A supply that flickers is no fault yet, and a relay that chatters fills no journal. */
const SETTLED_MS = 5_000;

/** Records what lasts for {@link SETTLED_MS}; that all is well at the start is nothing to tell. */
export function makePowerInputs(options: {
  readonly config: GateConfig["power"];
  readonly source: Pick<ClockSource, "monotonicMs" | "schedule">;
  readonly record: (event: GateEvent) => void;
  readonly findings: Pick<Findings, "set">;
}): PowerInputs {
  const { config, source, record, findings } = options;
  const wires = [
    { input: config.mains, failed: "power-fault", well: "power-restored", finding: "mains-failed" },
    { input: config.battery, failed: "battery-low", well: "battery-restored", finding: "battery-low" },
  ] as const;
  const told = wires.map(() => false);
  const seen = wires.map(() => false);
  const waits: (Cancel | undefined)[] = wires.map(() => undefined);
  return {
    inputs(readerId, states) {
      wires.forEach(({ input, failed, well, finding }, at) => {
        const isFailed = isTriggered(input, readerId, states);
        if (isFailed === undefined || isFailed === seen[at]) return;
        seen[at] = isFailed;
        waits[at]?.();
        waits[at] = source.schedule(source.monotonicMs() + SETTLED_MS, () => {
          if (told[at] === isFailed) return;
          told[at] = isFailed;
          findings.set(finding, isFailed);
          record(isFailed ? failed : well);
        });
      });
    },
    stop() {
      for (const cancel of waits) cancel?.();
    },
  };
}
