import type { AccessPointId, BuildingId, CredentialKind, Instant, PersonId, WayIn } from "@menshen/domain";
import type { CommunityModel } from "./model.ts";

/** What is missing on a path; docs/protocol/policy-snapshot.md defines each exactly. */
export type WayProblem =
  /** No kind of way in reaches the end of the path. */
  | "no-way"
  /** One kind only. */
  | "one-way"
  /** Several kinds, all of them face or phone. */
  | "only-face-or-phone"
  /** Face or phone opens this access point, and nothing else does. */
  | "forced-at-access-point";

/** Residents who, in `from`..`until`, have too few ways in on a path they need. */
export interface WayViolation {
  readonly problem: WayProblem;
  /** Sorted. */
  readonly personIds: readonly PersonId[];
  readonly buildingId: BuildingId;
  readonly direction: "in" | "out";
  /** The access points on the path that stand in the way, sorted. */
  readonly accessPointIds: readonly AccessPointId[];
  /** Kinds that do reach the end; for `forced-at-access-point` those that open it. */
  readonly ways: readonly WayIn[];
  /** First interval in which it is so; `until` is exclusive. */
  readonly from: Instant;
  readonly until: Instant;
}

/** A grade fell so far that these residents would have lost their ways in: for them grade caps do not count here. */
export interface GradeWaiver {
  readonly personIds: readonly PersonId[];
  readonly accessPointIds: readonly AccessPointId[];
  /** Kinds whose grade falls within the period. */
  readonly kinds: readonly CredentialKind[];
}

/** What a person should look at. An alarm never changes who passes. */
export type PolicyAlarm =
  /** A way is missing though no change of rules is to blame: a credential was revoked, a door locked, a home added. */
  | { readonly code: "way-missing"; readonly violation: WayViolation }
  | { readonly code: "grade-fall-waived"; readonly waiver: GradeWaiver };

/** The answer to a change of a community's model. */
export interface PolicyVerdict {
  readonly accepted: boolean;
  /** Why the change was refused; empty if it was accepted. */
  readonly violations: readonly WayViolation[];
  readonly alarms: readonly PolicyAlarm[];
  /** What holds now: the model asked for, or the previous rules with today's persons, credentials and revocations. */
  readonly model: CommunityModel;
  readonly waivers: readonly GradeWaiver[];
}

/** Period for which ways in are counted, and the model whose rules are in force. */
export interface CheckOptions {
  readonly at: Instant;
  readonly until: Instant;
  /** The model last accepted; absent for a community's first. */
  readonly previous?: CommunityModel;
}
