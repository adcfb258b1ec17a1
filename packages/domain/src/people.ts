import type { BuildingId, DwellingId, PersonId, ResidencyId } from "./ids.ts";
import type { Instant } from "./time.ts";

export const RESIDENCY_ROLES = ["owner", "tenant", "family", "helper", "staff"] as const;
/** Owner, tenant, family and live-in helper are equal at the door; staff work here and have no dwelling. */
export type ResidencyRole = (typeof RESIDENCY_ROLES)[number];

/** Roles that live here; what one of them may do at a door, all may. */
export const RESIDENT_ROLES: readonly ResidencyRole[] = ["owner", "tenant", "family", "helper"];

export interface Building {
  readonly id: BuildingId;
  readonly name: string;
}

export interface Dwelling {
  readonly id: DwellingId;
  readonly buildingId: BuildingId;
  readonly name: string;
}

/** `until` is exclusive; absent ends are open. */
export interface Validity {
  readonly from?: Instant;
  readonly until?: Instant;
}

export interface Residency {
  readonly id: ResidencyId;
  readonly personId: PersonId;
  readonly role: ResidencyRole;
  /** Absent for staff only. */
  readonly dwellingId?: DwellingId;
  readonly validity: Validity;
}

/** Local days for which a resident who was told of the end of their residency can object. */
export const RESIDENCY_END_DAYS = 14;
