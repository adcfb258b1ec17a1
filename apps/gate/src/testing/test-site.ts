import {
  AccessPointId,
  AccessRuleId,
  AreaId,
  BuildingId,
  type CredentialKey,
  type CredentialKind,
  DwellingId,
  GateId,
  type Grade,
  Instant,
  PersonId,
  PortalId,
  ReaderId,
  ResidencyId,
  ScheduleId,
} from "@menshen/domain";
import {
  type CommunityModel,
  type CredentialStatus,
  compileSnapshot,
  type SnapshotDocument,
} from "@menshen/policy";
import { TEST_COMMUNITY_ID } from "./test-community.ts";

const id = (digit: string, number: number) =>
  `${digit.repeat(8)}-0000-4000-8000-${String(number).padStart(12, "0")}`;

export const GATE = GateId(id("a", 1));
export const PORTAL = PortalId(id("b", 1));
export const ACCESS_POINT = AccessPointId(id("c", 1));
export const READER = ReaderId(id("d", 1));
export const UNIT = ReaderId(id("d", 2));
const OUTSIDE = AreaId(id("e", 1));
const INSIDE = AreaId(id("e", 2));
const YARD = AreaId(id("e", 3));
const BUILDING = BuildingId(id("f", 1));
const DWELLING = DwellingId(id("f", 2));
const SCHEDULE = ScheduleId(id("1", 1));

export interface TestCredential {
  readonly key: CredentialKey;
  readonly kind: CredentialKind;
  readonly grade: Grade;
  readonly status?: CredentialStatus;
  readonly until?: number;
}

export interface TestModelChanges {
  readonly unlockSchedule?: CommunityModel["schedules"][number]["weekly"];
  /** Not from the street but from within: a PIN alone opens. */
  readonly isInner?: boolean;
  readonly cardAndPin?: boolean;
  /** Of the access point; E unless given. */
  readonly minimumGrade?: Grade;
  /** What the rule admits; all kinds unless given. */
  readonly means?: readonly CredentialKind[];
}

/** One door, residents who pass it at any time by every means of grade E or better, with these credentials. */
export function testModel(
  credentials: readonly TestCredential[],
  changes: TestModelChanges = {},
): CommunityModel {
  return {
    communityId: TEST_COMMUNITY_ID,
    timeZone: "Asia/Shanghai",
    outsideAreaId: OUTSIDE,
    areas: [
      { id: OUTSIDE, staffOnly: false },
      { id: YARD, staffOnly: false },
      { id: INSIDE, staffOnly: false },
    ],
    buildings: [{ id: BUILDING, areaId: INSIDE }],
    dwellings: [{ id: DWELLING, buildingId: BUILDING }],
    portals: [
      {
        id: PORTAL,
        gateId: GATE,
        unlockMs: 1_000,
        heldOpenLimitMs: 20_000,
        ...(changes.unlockSchedule === undefined ? {} : { unlockScheduleId: SCHEDULE }),
      },
    ],
    accessPoints: [
      {
        id: ACCESS_POINT,
        portalId: PORTAL,
        fromAreaId: changes.isInner === true ? YARD : OUTSIDE,
        toAreaId: INSIDE,
        minimumGrade: changes.minimumGrade ?? "E",
        ...(changes.cardAndPin === true ? { cardAndPin: true } : {}),
      },
    ],
    residencies: credentials.map((_, i) => ({
      id: ResidencyId(id("2", i + 1)),
      personId: PersonId(id("3", i + 1)),
      role: "tenant",
      dwellingId: DWELLING,
      validity: {},
    })),
    credentials: credentials.map(({ key, kind, grade, status, until }, i) => ({
      key,
      kind,
      grade,
      personId: PersonId(id("3", i + 1)),
      status: status ?? "active",
      validity: until === undefined ? {} : { until: Instant(until) },
    })),
    schedules:
      changes.unlockSchedule === undefined
        ? []
        : [{ id: SCHEDULE, weekly: changes.unlockSchedule, holidays: [], exceptions: [] }],
    holidays: [],
    rules: [
      {
        id: AccessRuleId(id("4", 1)),
        number: 1,
        who: { roles: ["tenant"] },
        where: { accessPointIds: [ACCESS_POINT] },
        ...(changes.means === undefined ? {} : { means: changes.means }),
        minimumGrade: "E",
        validity: {},
      },
    ],
    offers: [],
    gradeCaps: [],
    modes: [],
  };
}

/** The snapshot of {@link testModel}'s gate; whether residents have two ways in is not what is tested here. */
export function testDocument(model: CommunityModel, version: number, at: number): SnapshotDocument {
  return compileSnapshot(model, {
    gateId: GATE,
    version,
    at: Instant(at),
    until: Instant(at + 300 * 86_400_000),
    verdict: { accepted: true, violations: [], alarms: [], model, waivers: [] },
  }).document;
}
