import {
  CREDENTIAL_KINDS,
  type CredentialKind,
  type GateId,
  gradeRank,
  Instant,
  type PersonId,
  PIN_USES,
  pinUseOf,
} from "@menshen/domain";
import { resolveDays } from "./calendar.ts";
import { checkPolicy } from "./check-policy.ts";
import { type CredentialRow, compareBytes, packRows } from "./columns.ts";
import {
  COMMON_RULE_PERSONS,
  type GrantEntry,
  LIMITS,
  type RuleEntry,
  type SnapshotDocument,
  STATUSES,
} from "./document.ts";
import { writeDocument } from "./document-write.ts";
import { PolicyError } from "./errors.ts";
import { type GateRule, type GrantHolders, grantHolders, type Holder } from "./grants.ts";
import { zoneTransitions } from "./local-time.ts";
import { leadsThrough } from "./matching.ts";
import type { CommunityModel, NumberedRule } from "./model.ts";
import {
  indexModel,
  isShared,
  type ModelAccessPoint,
  type ModelIndex,
  type ModelPortal,
  type ModelSchedule,
} from "./model-index.ts";
import { uuidBytes } from "./uuid.ts";
import type { GradeWaiver, PolicyAlarm, PolicyVerdict, WayViolation } from "./verdict.ts";

const DAY_MS = 86_400_000;

export interface CompileOptions {
  readonly gateId: GateId;
  /** Whole, from 1, higher than any version this gate had. */
  readonly version: number;
  /** When the snapshot is made. */
  readonly at: Instant;
  /** End of its life, at most ten years later: until then it carries local time. */
  readonly until: Instant;
  /** The model last accepted; absent for a community's first. */
  readonly previous?: CommunityModel;
  /** The answer of `checkPolicy` for this model, to check once for many gates; absent: checked here. */
  readonly verdict?: PolicyVerdict;
}

export interface CompileResult {
  /**
   * False if the change breaks the rule of paths and persons; `document` then holds the rules that were in force, with
   * today's persons, credentials and revocations.
   */
  readonly accepted: boolean;
  readonly document: SnapshotDocument;
  readonly violations: readonly WayViolation[];
  readonly alarms: readonly PolicyAlarm[];
}

/**
 * Compiles what one gate needs of a community's model: its portals and access points, and the credentials that some
 * rule lets through one of them. Equal input gives an equal document, byte for byte, whatever the order of lists.
 *
 * @throws {PolicyError} `invalid-model`, `invalid-period`, `invalid-version`, `unknown-time-zone`
 */
export function compileSnapshot(model: CommunityModel, options: CompileOptions): CompileResult {
  const { version, at, until } = options;
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new PolicyError("invalid-version", `version: expected a whole number from 1, came \`${version}\``);
  }
  if (!(at < until) || until - at > LIMITS.lifeMs - DAY_MS - 1000) {
    throw new PolicyError("invalid-period", "life: expected until after at and at most ten years");
  }
  const verdict = options.verdict ?? checkPolicy(model, options);
  return {
    accepted: verdict.accepted,
    document: compileModel(verdict.model, verdict.waivers, options),
    violations: verdict.violations,
    alarms: verdict.alarms,
  };
}

/** Of which time a snapshot made at `at` to last until `until` knows the local time, in whole seconds. */
export function snapshotLife(
  at: Instant,
  until: Instant,
): { readonly from: Instant; readonly until: Instant } {
  return {
    // A day earlier, for clocks that run behind.
    from: Instant(Math.floor(at / 1000) * 1000 - DAY_MS),
    until: Instant(Math.floor(until / 1000) * 1000),
  };
}

function compileModel(
  model: CommunityModel,
  waivers: readonly GradeWaiver[],
  { gateId, version, at, until }: CompileOptions,
): SnapshotDocument {
  const index = indexModel(model);
  const portals = model.portals.filter((portal) => portal.gateId === gateId).toSorted(byId);
  const portalIndex = positions(portals);
  const accessPoints = model.accessPoints
    .filter((accessPoint) => portalIndex.has(accessPoint.portalId))
    .toSorted(byId);
  const rules = gateRules(index, accessPoints);
  const schedules = usedSchedules(index, rules, portals, gateId);
  const scheduleIndex = positions(schedules);
  const granted = grantHolders(index, rules, waivedAt(waivers, accessPoints));
  const { profiles, holders } = granted;
  const personsOf = personsByRule(rules.length, profiles, holders);
  const life = snapshotLife(at, until);
  return writeDocument({
    version,
    gate: uuidBytes(gateId),
    community: uuidBytes(model.communityId),
    from: life.from,
    until: life.until,
    timeZone: model.timeZone,
    transitions: zoneTransitions(model.timeZone, life.from, life.until).map(
      ({ since, offsetSeconds }) => [since, offsetSeconds] as const,
    ),
    schedules: schedules.map((schedule) => ({
      id: uuidBytes(schedule.id),
      // Local dates reach up to a day beyond the life in either direction.
      ...resolveDays(
        schedule,
        model.holidays,
        Math.floor(life.from / DAY_MS) - 1,
        Math.floor(life.until / DAY_MS) + 1,
      ),
    })),
    rules: rules.map(({ rule }, position) =>
      ruleEntry(rule, scheduleIndex, (personsOf[position] ?? 0) >= COMMON_RULE_PERSONS),
    ),
    portals: portals.map((portal) => ({
      id: uuidBytes(portal.id),
      unlockMs: portal.unlockMs,
      heldOpenLimitMs: portal.heldOpenLimitMs,
      unlockSchedule: positionOf(scheduleIndex, portal.unlockScheduleId),
    })),
    accessPoints: accessPoints.map((accessPoint) => ({
      id: uuidBytes(accessPoint.id),
      portal: positionOf(portalIndex, accessPoint.portalId),
      grade: gradeRank(accessPoint.minimumGrade),
      pin: PIN_USES.indexOf(pinUseOf(accessPoint, model.outsideAreaId)),
    })),
    gradeCaps: model.gradeCaps
      .map((cap) => ({
        kind: CREDENTIAL_KINDS.indexOf(cap.kind),
        grade: gradeRank(cap.grade),
        from: Number(cap.from),
      }))
      .toSorted((a, b) => a.kind - b.kind || a.from - b.from || a.grade - b.grade),
    profiles,
    credentials: packRows(rowsOf(index, granted)),
  });
}

/** The rules that lead through an access point of this gate. */
function gateRules(index: ModelIndex, accessPoints: readonly ModelAccessPoint[]): readonly GateRule[] {
  return index.rules.flatMap((rule) => {
    const reached = accessPoints.flatMap((accessPoint, position) =>
      leadsThrough(rule, accessPoint) ? [{ index: position, shared: isShared(index, accessPoint) }] : [],
    );
    return reached.length === 0 ? [] : [{ rule, accessPoints: reached }];
  });
}

function usedSchedules(
  index: ModelIndex,
  rules: readonly GateRule[],
  portals: readonly ModelPortal[],
  gateId: GateId,
): readonly ModelSchedule[] {
  const used = new Set([
    ...rules.map(({ rule }) => rule.scheduleId),
    ...portals.map((portal) => portal.unlockScheduleId),
    ...(index.model.gateSchedules ?? []).map((used) =>
      used.gateId === gateId ? used.scheduleId : undefined,
    ),
  ]);
  return [...index.schedules.values()].filter(({ id }) => used.has(id)).toSorted(byId);
}

/** How many persons with credentials each rule lets through some access point of the gate. */
function personsByRule(
  count: number,
  profiles: readonly (readonly GrantEntry[])[],
  holders: ReadonlyMap<PersonId, Holder>,
): readonly number[] {
  const personsOfProfile = Array.from(profiles, () => 0);
  for (const { profile } of holders.values()) {
    personsOfProfile[profile] = (personsOfProfile[profile] ?? 0) + 1;
  }
  const persons = Array.from({ length: count }, () => 0);
  for (const [index, grants] of profiles.entries()) {
    for (const rule of new Set(grants.map((grant) => grant.rule))) {
      persons[rule] = (persons[rule] ?? 0) + (personsOfProfile[index] ?? 0);
    }
  }
  return persons;
}

function ruleEntry(
  rule: NumberedRule,
  scheduleIndex: ReadonlyMap<string, number>,
  common: boolean,
): RuleEntry {
  return {
    number: rule.number,
    means: meansMask(rule.means ?? CREDENTIAL_KINDS),
    grade: gradeRank(rule.minimumGrade),
    schedule: positionOf(scheduleIndex, rule.scheduleId),
    from: rule.validity.from ?? Number.NEGATIVE_INFINITY,
    until: rule.validity.until ?? Number.POSITIVE_INFINITY,
    overridesLockdown: rule.overridesLockdown ?? false,
    common,
  };
}

function meansMask(kinds: readonly CredentialKind[]): number {
  return kinds.reduce((mask, kind) => mask | (1 << CREDENTIAL_KINDS.indexOf(kind)), 0);
}

function waivedAt(
  waivers: readonly GradeWaiver[],
  accessPoints: readonly ModelAccessPoint[],
): ReadonlyMap<PersonId, ReadonlySet<number>> {
  const waived = new Map<PersonId, Set<number>>();
  for (const { personIds, accessPointIds } of waivers) {
    const here = accessPoints.flatMap(({ id }, position) => (accessPointIds.includes(id) ? [position] : []));
    for (const personId of personIds) {
      waived.set(personId, new Set([...(waived.get(personId) ?? []), ...here]));
    }
  }
  return waived;
}

function rowsOf(index: ModelIndex, { profiles, holders }: GrantHolders): readonly CredentialRow[] {
  return index.model.credentials
    .flatMap((credential) => {
      const holder = holders.get(credential.personId);
      if (holder === undefined) return [];
      const { kind, grade, status, validity, key } = credential;
      if (profiles[holder.profile]?.length === 0 && status !== "lost") return [];
      return {
        key,
        profile: holder.profile,
        traits: CREDENTIAL_KINDS.indexOf(kind) | (gradeRank(grade) << 4) | (STATUSES.indexOf(status) << 7),
        dates: [
          validity.from ?? Number.NEGATIVE_INFINITY,
          validity.until ?? Number.POSITIVE_INFINITY,
          holder.residencyFrom,
          holder.residencyUntil,
        ] as const,
      };
    })
    .sort((a, b) => compareBytes(a.key, b.key));
}

function positions(entries: readonly { readonly id: string }[]): ReadonlyMap<string, number> {
  return new Map(entries.map(({ id }, position) => [id, position]));
}

function positionOf(index: ReadonlyMap<string, number>, id: string | undefined): number {
  return (id === undefined ? undefined : index.get(id)) ?? -1;
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
