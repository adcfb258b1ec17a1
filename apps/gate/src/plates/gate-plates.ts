import type { Logger } from "@menshen/service-kit";
import type { GateClock } from "../clock/gate-clock.ts";
import type { PlatesConfig } from "../config.ts";
import type { GateIdentity } from "../keys/identity.ts";
import type { ReaderStates } from "../readers/reader-state.ts";
import type { TapDesk } from "../tap/tap-desk.ts";
import { makePlateEvents } from "./plate-events.ts";
import { type PlateListener, startPlateListener } from "./plate-listener.ts";
import { readCameraSecret } from "./plate-secrets.ts";

/**
 * Takes in what the cameras of this gate's barriers read. Each is a reader: once heard, it is missed when it falls silent.
 *
 * Rejects as {@link startPlateListener}, and with a `GateError` `config-invalid` for a secret that cannot be read.
 */
export async function startGatePlates(options: {
  readonly config: PlatesConfig;
  readonly identity: () => Pick<GateIdentity, "certificate" | "deviceKey">;
  readonly clock: Pick<GateClock, "now" | "monotonicMs">;
  readonly tapDesk: Pick<TapDesk, "plate">;
  readonly states: Pick<ReaderStates, "change">;
  readonly logger: Logger;
}): Promise<PlateListener> {
  const { config, clock, tapDesk, states, logger } = options;
  const { host, port, cameras, minimumConfidence } = config;
  const events = makePlateEvents({
    cameras: cameras.map(({ readerId, secretFile }) => ({ readerId, secret: readCameraSecret(secretFile) })),
    minimumConfidence,
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
  });
  return startPlateListener({
    host,
    port,
    identity: options.identity,
    events,
    decide: async (readerId, plate) => (await tapDesk.plate(readerId, plate)) !== undefined,
    heard: (readerId, online) => void states.change(readerId, { online }),
    logger,
  });
}
