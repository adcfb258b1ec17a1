import type { CredentialKind } from "./credential.ts";
import type { Grade } from "./grade.ts";
import type {
  AccessPointId,
  AccessRuleId,
  AreaId,
  BuildingId,
  DwellingId,
  PersonId,
  ScheduleId,
} from "./ids.ts";
import type { ResidencyRole, Validity } from "./people.ts";

/**
 * Who may pass where, when, by which means. A person matches if every selector that is present matches; a rule
 * without any selector matches nobody.
 */
export interface AccessRule {
  readonly id: AccessRuleId;
  readonly name: string;
  readonly who: {
    readonly roles?: readonly ResidencyRole[];
    readonly personIds?: readonly PersonId[];
    readonly dwellingIds?: readonly DwellingId[];
    readonly buildingIds?: readonly BuildingId[];
  };
  /** Union of the access points listed and of those leading into the areas listed. */
  readonly where: {
    readonly accessPointIds?: readonly AccessPointId[];
    readonly areaIds?: readonly AreaId[];
  };
  /** Absent: always. */
  readonly scheduleId?: ScheduleId;
  /** Absent: every kind. */
  readonly means?: readonly CredentialKind[];
  readonly minimumGrade: Grade;
  readonly validity: Validity;
  /** Holders may pass at lockdown level 2. */
  readonly overridesLockdown?: boolean;
}
