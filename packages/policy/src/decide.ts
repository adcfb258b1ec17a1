import type {
  AccessPointId,
  Decision,
  DoorState,
  Instant,
  PortalId,
  Presentation,
  TimeInterval,
} from "@menshen/domain";
import type { Snapshot } from "./snapshot.ts";

/** Answers one presentation. Pure and total: never throws, always gives a reason. `snapshot` absent: `no-snapshot`. */
export function decide(
  _snapshot: Snapshot | undefined,
  _presentation: Presentation,
  _accessPointId: AccessPointId,
  _doorState: DoorState,
  _now: TimeInterval,
): Decision {
  return { granted: false, reasons: [{ code: "evaluation-failed" }] };
}

/** True while the portal stands unlocked for everyone: fire release, held open, or its unlock schedule. */
export function isPortalUnlocked(
  _snapshot: Snapshot | undefined,
  _portalId: PortalId,
  _doorState: DoorState,
  _now: TimeInterval,
): boolean {
  return false;
}

/** The first instant after `after` at which the portal's unlock schedule begins or ends, if one lies in the snapshot's life. */
export function nextScheduleChange(
  _snapshot: Snapshot,
  _portalId: PortalId,
  _after: Instant,
): Instant | undefined {
  return undefined;
}
