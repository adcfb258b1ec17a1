import type { VisitRecord } from "../device/device-store.ts";

export type VisitState = "active" | "waiting" | "over" | "revoked";

/** How a pass stands, as far as this device knows. */
export function visitState(
  visit: Pick<VisitRecord, "from" | "until" | "revokedAt">,
  now: number,
): VisitState {
  // What is over is over, revoked or not.
  if (visit.until <= now) return "over";
  if (visit.revokedAt !== undefined) return "revoked";
  return visit.from > now ? "waiting" : "active";
}
