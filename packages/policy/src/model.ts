import type {
  AccessPoint,
  AccessRule,
  Area,
  AreaId,
  BuildingId,
  CommunityId,
  CredentialKey,
  CredentialKind,
  Dwelling,
  GateId,
  Grade,
  Holiday,
  Instant,
  PersonId,
  Portal,
  PortalMode,
  Residency,
  Schedule,
  ScheduleId,
  Validity,
} from "@menshen/domain";

/**
 * What a record says of a credential; anything but `active` never opens. `lost`: reported lost, or its holder left with it. Of
 * persons who live and work here no more, gates know what is lost and nothing else.
 */
export type CredentialStatus = "active" | "blocked" | "lost";

/** One credential on record. */
export interface CredentialRecord {
  readonly key: CredentialKey;
  readonly kind: CredentialKind;
  /** As enrolled. It does not fall here: a kind that turns out weak gets a `GradeCap`. */
  readonly grade: Grade;
  readonly personId: PersonId;
  readonly status: CredentialStatus;
  readonly validity: Validity;
}

/** A rule with its number: whole, from 1, unique in the community and never used again. Reasons name rules by it. */
export type NumberedRule = Omit<AccessRule, "name"> & { readonly number: number };

/** A kind of credential that every resident gets on request and free of charge. */
export interface Offer {
  readonly kind: CredentialKind;
  readonly grade: Grade;
}

/** From `from` on, openings by this kind count as no better than `grade`: the kind turned out, or will be, weaker. */
export interface GradeCap {
  readonly kind: CredentialKind;
  readonly grade: Grade;
  readonly from: Instant;
}

/**
 * Everything of one community that decides who may pass where. No names: nothing here needs them, so that no
 * snapshot can carry one. Order never matters; the compiler sorts.
 */
export interface CommunityModel {
  readonly communityId: CommunityId;
  /** IANA name, e.g. `Asia/Shanghai`. */
  readonly timeZone: string;
  /** The street: where every path of a resident begins. */
  readonly outsideAreaId: AreaId;
  readonly areas: readonly Omit<Area, "name">[];
  /** `areaId` is the area behind the building's entrance; a building without a door of its own names the area it stands in. */
  readonly buildings: readonly { readonly id: BuildingId; readonly areaId: AreaId }[];
  readonly dwellings: readonly Omit<Dwelling, "name">[];
  readonly portals: readonly Omit<Portal, "name">[];
  readonly accessPoints: readonly Omit<AccessPoint, "name">[];
  readonly residencies: readonly Residency[];
  readonly credentials: readonly CredentialRecord[];
  readonly schedules: readonly Omit<Schedule, "name">[];
  readonly holidays: readonly Omit<Holiday, "name">[];
  readonly rules: readonly NumberedRule[];
  readonly offers: readonly Offer[];
  readonly gradeCaps: readonly GradeCap[];
  /** What a gate uses beside its rules and portals: floors of its lifts that are free at hours. Absent: none. */
  readonly gateSchedules?: readonly { readonly gateId: GateId; readonly scheduleId: ScheduleId }[];
  /** Desired modes in force, for counting ways in; they reach gates by their own message, not by snapshots. */
  readonly modes: readonly PortalMode[];
}
