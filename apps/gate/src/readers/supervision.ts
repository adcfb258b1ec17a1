import type { ReaderId } from "@menshen/domain";
import type { ClockSource } from "../clock/clock-source.ts";
import type { GateConfig } from "../config.ts";
import type { Findings } from "../findings.ts";
import type { Journal } from "../store/journal.ts";
import { makePinPads, type PinPads } from "../tap/pin-pads.ts";
import { type FloodWatch, makeFloodWatch } from "./flood-watch.ts";
import { makePowerInputs, type PowerInputs } from "./power-inputs.ts";

/** What stands between the readers of a gate and its decisions: keypads, floods, and the contacts of the supply. */
export interface ReaderSupervision {
  readonly pinPads: PinPads;
  readonly floods: FloodWatch;
  readonly power: PowerInputs;
  stop(): void;
}

/**
 * @param options.pin decides about a PIN; resolves to whether it was nobody's
 * @param options.pinRefused shows at the reader that an entry came to nothing
 */
export function makeReaderSupervision(options: {
  readonly power: GateConfig["power"];
  readonly source: ClockSource;
  readonly findings: Findings;
  readonly journal: Pick<Journal, "append">;
  readonly pin: (readerId: ReaderId, digits: string) => Promise<boolean>;
  readonly pinRefused: (readerId: ReaderId) => void;
}): ReaderSupervision {
  const { source, findings, journal } = options;
  const pinPads = makePinPads({ source, findings, entered: options.pin, refused: options.pinRefused });
  const floods = makeFloodWatch({
    source,
    findings,
    record(readerId, event, count) {
      const body = { readerId, event, ...(count === undefined ? {} : { count }) };
      void journal.append({ kind: "reader", body });
    },
  });
  const power = makePowerInputs({
    config: options.power,
    source,
    findings,
    record: (event) => void journal.append({ kind: "gate", body: { event } }),
  });
  return {
    pinPads,
    floods,
    power,
    stop() {
      pinPads.stop();
      floods.stop();
      power.stop();
    },
  };
}
