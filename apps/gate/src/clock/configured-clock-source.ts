import type { Logger, StopOrder } from "@menshen/service-kit";
import type { GateConfig } from "../config.ts";
import type { ClockSource } from "./clock-source.ts";
import { listenForClock } from "./injected-clock-source.ts";
import { systemClockSource } from "./system-clock-source.ts";

/** The clock that the configuration names. Rejects with a fault of the socket of an injected one. */
export async function clockSourceOf(
  config: GateConfig,
  logger: Logger,
  stopOrder: StopOrder,
): Promise<ClockSource> {
  if (config.clock.source === "system") return systemClockSource(config.realTimeClock);
  logger.warn(
    { address: config.clock.socket },
    "THE TIME COMES FROM A TEST PROGRAM: never use this for a door",
  );
  const injected = await listenForClock(config.clock.socket);
  stopOrder.add("injected clock", () => injected.close());
  await injected.ready;
  return injected.source;
}
