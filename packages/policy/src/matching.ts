import { type PersonId, RESIDENT_ROLES, type Residency, type ResidencyRole } from "@menshen/domain";
import { type IntervalSet, intersection, NEVER, union, validityInterval } from "./intervals.ts";
import type { NumberedRule } from "./model.ts";
import { isResident, type ModelAccessPoint, type ModelIndex } from "./model-index.ts";

/** When a rule selects a person, before its own validity and schedule. */
export interface Matching {
  /** Through a residency of theirs; passes at lockdown level 1. */
  readonly asResident: IntervalSet;
  /** As asResident, and through a household member whom the rule names: counts at doors that residents share. */
  readonly asHousehold: IntervalSet;
  /** As the named person, whoever they are. */
  readonly asPerson: boolean;
}

const NOBODY: Matching = { asResident: NEVER, asHousehold: NEVER, asPerson: false };

/** Prepared question which persons a rule selects, and when. */
export type RuleMatcher = (personId: PersonId) => Matching;

/**
 * A person matches if every selector that is present matches. Roles, dwellings and buildings must match on one and
 * the same residency and hold for its time; all resident roles are one. A rule that names one resident admits their
 * household to shared doors: what one may do there, all may.
 */
export function ruleMatcher(index: ModelIndex, rule: NumberedRule): RuleMatcher {
  const { roles, personIds, dwellingIds, buildingIds } = rule.who;
  const byResidency = roles !== undefined || dwellingIds !== undefined || buildingIds !== undefined;
  if (!byResidency && personIds === undefined) return () => NOBODY;

  const selects = residencySelector(index, rule);
  const named = personIds === undefined ? undefined : new Set(personIds);
  const namedInDwelling = named === undefined ? undefined : residentsNamed(index, named, selects);

  return (personId) => {
    const residencies = index.residenciesOf.get(personId) ?? [];
    const isNamed = named?.has(personId) ?? true;
    const asResident = isNamed ? union(residencies.filter(selects).map(validityOf)) : NEVER;
    return {
      asResident,
      asHousehold:
        namedInDwelling === undefined
          ? asResident
          : union([asResident, ...residencies.flatMap((own) => sharedTimes(own, namedInDwelling))]),
      asPerson: isNamed && !byResidency,
    };
  };
}

/** True if the rule grants this access point: listed itself, or leading into an area that is listed. */
export function leadsThrough(rule: NumberedRule, accessPoint: ModelAccessPoint): boolean {
  const { accessPointIds = [], areaIds = [] } = rule.where;
  return accessPointIds.includes(accessPoint.id) || areaIds.includes(accessPoint.toAreaId);
}

function residencySelector(index: ModelIndex, rule: NumberedRule): (residency: Residency) => boolean {
  const roles = rule.who.roles === undefined ? undefined : withAllResidents(rule.who.roles);
  const dwellings = rule.who.dwellingIds === undefined ? undefined : new Set(rule.who.dwellingIds);
  const buildings = rule.who.buildingIds === undefined ? undefined : new Set(rule.who.buildingIds);
  return ({ role, dwellingId }) => {
    if (roles !== undefined && !roles.has(role)) return false;
    if (dwellings !== undefined && (dwellingId === undefined || !dwellings.has(dwellingId))) return false;
    if (buildings === undefined) return true;
    const building = dwellingId === undefined ? undefined : index.buildingOfDwelling.get(dwellingId);
    return building !== undefined && buildings.has(building);
  };
}

function withAllResidents(roles: readonly ResidencyRole[]): ReadonlySet<ResidencyRole> {
  const anyResident = roles.some((role) => RESIDENT_ROLES.includes(role));
  return new Set(anyResident ? [...roles, ...RESIDENT_ROLES] : roles);
}

/** Residencies of the persons a rule names, by dwelling, that it selects. */
function residentsNamed(
  index: ModelIndex,
  named: ReadonlySet<PersonId>,
  selects: (residency: Residency) => boolean,
): ReadonlyMap<string, readonly Residency[]> {
  const residencies = [...named].flatMap((personId) => index.residenciesOf.get(personId) ?? []);
  return Map.groupBy(
    residencies.filter((residency) => isResident(residency) && selects(residency)),
    (residency) => residency.dwellingId ?? "",
  );
}

/** When `own` lives together with a named resident. */
function sharedTimes(own: Residency, named: ReadonlyMap<string, readonly Residency[]>): IntervalSet[] {
  if (own.dwellingId === undefined || !isResident(own)) return [];
  const others = named.get(own.dwellingId) ?? [];
  return others.map((other) => intersection(validityOf(own), validityOf(other)));
}

function validityOf(residency: Residency): IntervalSet {
  return validityInterval(residency.validity);
}
