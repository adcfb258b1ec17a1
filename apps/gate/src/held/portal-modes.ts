import type { PortalId, PortalMode, TimeInterval } from "@menshen/domain";
import type { ModesMessage } from "@menshen/wire";

/** What holds at a portal now. */
export type ModeInForce = Pick<PortalMode, "mode" | "lockdown" | "generation" | "until">;

export const NORMAL_MODE: ModeInForce = { mode: "normal", lockdown: 0, generation: 0 };

/**
 * The desired mode of a portal with its end applied. The interval runs on the gate's own monotonic clock, so that no
 * step of a system clock ends a mode. In doubt the secure side wins: standing open ends when its end may have come,
 * a restriction when its end has come for certain.
 */
export function modeInForce(
  modes: ModesMessage | undefined,
  portalId: PortalId,
  now: TimeInterval,
): ModeInForce {
  const desired = modes?.portals.find((portal) => portal.portalId === portalId);
  if (desired === undefined) return { ...NORMAL_MODE, generation: modes?.generation ?? 0 };
  const { mode, lockdown, generation, until } = desired;
  const opensMore = mode === "held-open" && lockdown === 0;
  const over = until !== undefined && (opensMore ? now.latest : now.earliest) >= until;
  if (over) return { mode: "normal", lockdown: 0, generation };
  return { mode, lockdown, generation, ...(until === undefined ? {} : { until }) };
}
