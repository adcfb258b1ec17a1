import { DomainError } from "./errors.ts";
import type { AccessPointId, AreaId, Branded, GateId, PortalId, ScheduleId } from "./ids.ts";

/**
 * Rules about how many pass and in which order, beside the rules about who may pass: they are asked only after a person
 * was granted (docs/protocol/door-rules.md). An area contains whatever can only be reached through it.
 */
export interface DoorRules {
  /** The street: it contains everything and has no rule. */
  readonly outsideAreaId: AreaId;
  /** At most one per area. */
  readonly areas: readonly AreaRule[];
  /** At most one per portal. At a gate: of its own portals. */
  readonly portals: readonly PortalRule[];
  /** Every access point of the community: the gates share what they know of its areas. */
  readonly accessPoints: readonly PlacedAccessPoint[];
  /** How long a person counts as being where they were last seen; a forgotten exit shuts nobody out for longer. */
  readonly presenceMs: number;
}

/** Where one direction through a portal leads, and which gate watches it. */
export interface PlacedAccessPoint {
  readonly id: AccessPointId;
  readonly portalId: PortalId;
  readonly gateId: GateId;
  readonly fromAreaId: AreaId;
  readonly toAreaId: AreaId;
}

export const ANTI_PASSBACK = ["off", "soft", "hard", "timed"] as const;
/**
 * What happens if somebody enters who counts as inside: nothing; they enter and it is noted; they are refused; they are
 * refused until `timedMs` after they were last seen inside.
 */
export type AntiPassback = (typeof ANTI_PASSBACK)[number];

export const WHEN_APART = ["admit", "refuse"] as const;
/**
 * What holds while gates at the edge of an area cannot hear each other: people enter whatever the counts say, and it is
 * noted; or nobody enters by a rule that needs to know who is inside. Leaving is free either way.
 */
export type WhenApart = (typeof WHEN_APART)[number];

/** What holds for entering an area. Whoever leaves is never refused. */
export interface AreaRule {
  readonly areaId: AreaId;
  readonly antiPassback: AntiPassback;
  /** With `timed` only. */
  readonly timedMs?: number;
  /** Most persons inside at a time. */
  readonly occupancyLimit?: number;
  /** A person has moved only when the door was seen open; otherwise with the grant. */
  readonly countsOnlyConfirmed: boolean;
  readonly whenApart: WhenApart;
  /** Nobody enters while no member of staff is inside. */
  readonly firstPersonIn?: "staff";
  /** Nobody is to be inside alone: into an empty area two enter together. */
  readonly minimumPersons?: 2;
  /** Visitors and whoever needs an escort enter by the same reader within this time behind somebody who needs none. */
  readonly escort?: { readonly withinMs: number };
}

/** What holds at one portal. */
export interface PortalRule {
  readonly portalId: PortalId;
  /** 1 to 15, within one gate: at most one portal of a group is not closed and locked. */
  readonly interlockGroup?: number;
  /** Two persons present themselves one after the other to enter. */
  readonly twoPersonRule?: { readonly withinMs: number };
  /** A member of staff who presents the same credential twice within `withinMs` holds the door open, or ends that. */
  readonly doubleTapHold?: { readonly withinMs: number; readonly forMs: number };
  /** How long before `held-too-long` the door itself warns. */
  readonly preAlarmMs?: number;
  /** The contact says whether somebody went through; without it a grant lapses. */
  readonly turnstile?: { readonly confirm: "contact" };
  /**
   * A lift: the relay that frees a floor, and the area behind. Outputs 0 to 63, each once, and each area once. A floor is what
   * access rules name: the access point of this portal that leads into its area.
   */
  readonly floors?: readonly LiftFloor[];
  /** A vehicle barrier: a number plate is a credential of grade D here. */
  readonly plate?: true;
}

export interface LiftFloor {
  readonly output: number;
  readonly areaId: AreaId;
  /** Anybody may go there while this schedule holds and the lift is in normal mode. */
  readonly scheduleId?: ScheduleId;
}

/**
 * One person as gates know them among themselves: 8 random bytes, in lower-case hexadecimal. It joins the credentials of
 * a person, leaves no gate, stands in no journal, and is drawn anew each epoch.
 */
export type Holder = Branded<string, "Holder">;

/** Throws `DomainError("invalid-id")` unless the text is 16 lower-case hexadecimal digits. */
export function Holder(text: string): Holder {
  if (!/^[0-9a-f]{16}$/.test(text)) {
    throw new DomainError("invalid-id", "holder: expected 16 lower-case hexadecimal digits");
  }
  return text as Holder;
}
