import type { Grade } from "./grade.ts";
import type { AccessPointId, AreaId, BuildingId, GateId, PortalId, ScheduleId } from "./ids.ts";
import type { Instant } from "./time.ts";

export interface Area {
  readonly id: AreaId;
  readonly name: string;
  /** Nobody needs it to reach a dwelling: one kind of way in is enough (staff room, plant room). */
  readonly staffOnly: boolean;
}

/** The opening with lock, contact and exit button (门); "door" on screens. */
export interface Portal {
  readonly id: PortalId;
  readonly gateId: GateId;
  readonly name: string;
  /** A building's own door, or none for a door of the whole community. */
  readonly buildingId?: BuildingId;
  /** How long the lock stays released after a grant. */
  readonly unlockMs: number;
  /** How long the door may stand open before `held-too-long`. */
  readonly heldOpenLimitMs: number;
  /** While this schedule holds, the portal stands unlocked. */
  readonly unlockScheduleId?: ScheduleId;
}

/** One direction through a portal (出入口, as in ONVIF); grants attach here. */
export interface AccessPoint {
  readonly id: AccessPointId;
  readonly portalId: PortalId;
  readonly name: string;
  readonly fromAreaId: AreaId;
  readonly toAreaId: AreaId;
  /** Openings weaker than this are refused here, whatever a rule says. */
  readonly minimumGrade: Grade;
  /** Nothing opens it alone: it takes a PIN and another credential of the same person. */
  readonly cardAndPin?: boolean;
}

/**
 * What a PIN is worth at an access point: it may open `alone`; it is a `second` factor, which opens only together with
 * another credential of the same person; or it takes `both`, and the other credential does not open alone either. The order
 * is part of the snapshot format: append only.
 */
export const PIN_USES = ["alone", "second", "both"] as const;
export type PinUse = (typeof PIN_USES)[number];

/** At an outer door, one that leads in from the outside area, a PIN is never enough: anybody may have looked on. */
export function pinUseOf(
  accessPoint: { readonly fromAreaId: string; readonly cardAndPin?: boolean },
  outsideAreaId: string,
): PinUse {
  if (accessPoint.cardAndPin === true) return "both";
  return accessPoint.fromAreaId === outsideAreaId ? "second" : "alone";
}

/** Rank of a lockdown: 0 none; 1 residents and staff; 2 staff with a lockdown permission; 3 nobody. */
export type LockdownLevel = 0 | 1 | 2 | 3;

/** Desired state of a portal, with a generation and an end; not a command. */
export interface PortalMode {
  readonly portalId: PortalId;
  readonly mode: "normal" | "locked" | "held-open";
  readonly lockdown: LockdownLevel;
  readonly generation: number;
  readonly until?: Instant;
}

/** What `decide` must know of the door at the moment of the tap. */
export interface DoorState {
  /** In force now, after ends were applied by the gate's own monotonic clock. */
  readonly mode: "normal" | "locked" | "held-open";
  readonly lockdown: LockdownLevel;
  /** Fire input on, or fire release not yet reset by a person. */
  readonly fireRelease: boolean;
}
