import type { DoorState, Instant, PortalId, ScheduleId, TimeInterval } from "@menshen/domain";
import type { Snapshot } from "./snapshot.ts";
import { changesAfter, scheduleHolds } from "./time-tables.ts";

export type UnlockCause = "schedule" | "held-open" | "fire-release";

/**
 * True while the portal stands unlocked for everyone: fire release; or, without lockdown, held open, or in normal mode
 * its unlock schedule. In doubt about the time the schedule does not unlock. Never throws.
 */
export function isPortalUnlocked(
  snapshot: Snapshot | undefined,
  portalId: PortalId,
  doorState: DoorState,
  now: TimeInterval,
): boolean {
  const portal = snapshot?.tables.portalIndex.get(portalId) ?? -1;
  return unlockCause(snapshot, portal, doorState, now) !== undefined;
}

/** Why the portal with this index stands unlocked, or undefined if it does not. */
export function unlockCause(
  snapshot: Snapshot | undefined,
  portal: number,
  doorState: DoorState,
  now: TimeInterval,
): UnlockCause | undefined {
  if (doorState.fireRelease === true) return "fire-release";
  if (doorState.lockdown !== 0) return undefined;
  if (doorState.mode === "held-open") return "held-open";
  if (doorState.mode !== "normal" || snapshot === undefined) return undefined;
  const schedule = snapshot.tables.portalSchedule[portal] ?? -1;
  return schedule >= 0 && scheduleHolds(snapshot, schedule, now) ? "schedule" : undefined;
}

/**
 * The first instant after `after` at which the portal's unlock schedule begins or ends, undefined if none is known
 * within the snapshot's life.
 */
export function nextScheduleChange(
  snapshot: Snapshot,
  portalId: PortalId,
  after: Instant,
): Instant | undefined {
  const portal = snapshot.tables.portalIndex.get(portalId) ?? -1;
  const schedule = snapshot.tables.portalSchedule[portal] ?? -1;
  return schedule < 0 ? undefined : changesAfter(snapshot, schedule, after);
}

/**
 * Whether a floor of a lift is free for anybody: its schedule holds, the lift is in normal mode and without lockdown. Not in
 * a fire: then the lift's own hardware rules. In doubt about the time it is not. Never throws.
 */
export function isFloorFree(
  snapshot: Snapshot | undefined,
  scheduleId: ScheduleId | undefined,
  doorState: DoorState,
  now: TimeInterval,
): boolean {
  if (snapshot === undefined || scheduleId === undefined) return false;
  if (doorState.fireRelease || doorState.lockdown !== 0 || doorState.mode !== "normal") return false;
  const schedule = snapshot.tables.scheduleIndex.get(scheduleId) ?? -1;
  return schedule >= 0 && scheduleHolds(snapshot, schedule, now);
}

/** As {@link nextScheduleChange}, of a floor's schedule. */
export function nextFloorChange(
  snapshot: Snapshot,
  scheduleId: ScheduleId,
  after: Instant,
): Instant | undefined {
  const schedule = snapshot.tables.scheduleIndex.get(scheduleId) ?? -1;
  return schedule < 0 ? undefined : changesAfter(snapshot, schedule, after);
}
