import { type PersonId, RESIDENT_ROLES, type Residency, type ResidencyRole } from "@menshen/domain";
import { type IntervalSet, intersection, union, validityInterval } from "./intervals.ts";
import type { NumberedRule } from "./model.ts";
import { isResident, type ModelAccessPoint, type ModelIndex } from "./model-index.ts";

/** That a rule selects a person, and when, before the rule's own validity and schedule. */
export interface Selection {
  /** Position of the rule in the list given. */
  readonly position: number;
  /** Through a residency of theirs; passes at lockdown level 1. */
  readonly asResident: IntervalSet;
  /** As `asResident`, and through a household member whom the rule names: counts at doors that residents share. */
  readonly asHousehold: IntervalSet;
  /** As the named person, whoever they are. */
  readonly asPerson: boolean;
}

/**
 * Prepares the question by which rules a person is selected; the answer rises by position. A person matches a rule if
 * every selector that is present matches; a rule without any selects nobody. Roles, dwellings and buildings must match
 * on one and the same residency and hold for its time; all resident roles are one. A rule that names one resident
 * admits their household to shared doors: what one may do there, all may.
 */
export function ruleSelector(
  index: ModelIndex,
  rules: readonly NumberedRule[],
): (personId: PersonId) => readonly Selection[] {
  const byResidency = residencySelector(index, rules);
  const byName = nameSelector(index, rules);
  return (personId) => {
    const named = byName(personId);
    const selections = byResidency(personId);
    return named.length === 0 ? selections : [...selections, ...named].sort(byPosition);
  };
}

/** True if the rule grants this access point: listed itself, or leading into an area that is listed. */
export function leadsThrough(rule: NumberedRule, accessPoint: ModelAccessPoint): boolean {
  const { accessPointIds = [], areaIds = [] } = rule.where;
  return accessPointIds.includes(accessPoint.id) || areaIds.includes(accessPoint.toAreaId);
}

/** Selections by rules that name nobody. What they ask of a residency is asked once for all residencies alike. */
function residencySelector(
  index: ModelIndex,
  rules: readonly NumberedRule[],
): (personId: PersonId) => readonly Selection[] {
  const asked = rules.flatMap((rule, position) =>
    rule.who.personIds === undefined && asksResidency(rule)
      ? [{ position, fits: residencyFilter(index, rule) }]
      : [],
  );
  const dwellingsNamed = new Set(rules.flatMap(({ who }) => who.dwellingIds ?? []));
  const known = new Map<string, readonly number[]>();
  const positionsFor = (residency: Residency): readonly number[] => {
    const { role, dwellingId } = residency;
    const building = dwellingId === undefined ? "" : index.buildingOfDwelling.get(dwellingId);
    const dwelling = dwellingId !== undefined && dwellingsNamed.has(dwellingId) ? dwellingId : "";
    const key = `${role} ${building} ${dwelling}`;
    const found =
      known.get(key) ?? asked.filter(({ fits }) => fits(residency)).map(({ position }) => position);
    known.set(key, found);
    return found;
  };

  const selection = (position: number, times: IntervalSet): Selection => ({
    position,
    asResident: times,
    asHousehold: times,
    asPerson: false,
  });

  return (personId) => {
    const [only, ...others] = index.residenciesOf.get(personId) ?? [];
    if (only === undefined) return [];
    if (others.length === 0) {
      const own = validityOf(only);
      return positionsFor(only).map((position) => selection(position, own));
    }
    const times = new Map<number, IntervalSet>();
    for (const residency of [only, ...others]) {
      const own = validityOf(residency);
      for (const position of positionsFor(residency)) {
        const before = times.get(position);
        times.set(position, before === undefined ? own : union([before, own]));
      }
    }
    return [...times].map(([position, own]) => selection(position, own)).sort(byPosition);
  };
}

function byPosition(a: Selection, b: Selection): number {
  return a.position - b.position;
}

/** Selections by rules that name persons: of these, and of those who live with them. */
function nameSelector(
  index: ModelIndex,
  rules: readonly NumberedRule[],
): (personId: PersonId) => readonly Selection[] {
  const touched = new Map<PersonId, Set<number>>();
  const touch = (personId: PersonId, position: number) => {
    const positions = touched.get(personId) ?? new Set();
    touched.set(personId, positions.add(position));
  };
  for (const [position, { who }] of rules.entries()) {
    for (const personId of who.personIds ?? []) {
      touch(personId, position);
      for (const { dwellingId } of index.residenciesOf.get(personId) ?? []) {
        const household = dwellingId === undefined ? [] : (index.residentsOf.get(dwellingId) ?? []);
        for (const member of household) touch(member.personId, position);
      }
    }
  }
  return (personId) =>
    [...(touched.get(personId) ?? [])].flatMap((position) => {
      const rule = rules[position];
      const selection = rule === undefined ? undefined : namedSelection(index, rule, position, personId);
      return selection ?? [];
    });
}

function namedSelection(
  index: ModelIndex,
  rule: NumberedRule,
  position: number,
  personId: PersonId,
): Selection | undefined {
  const named = rule.who.personIds ?? [];
  const isNamed = named.includes(personId);
  const fits = residencyFilter(index, rule);
  const own = index.residenciesOf.get(personId) ?? [];
  const asResident = isNamed ? union(own.filter(fits).map(validityOf)) : [];
  const shared = own.filter(isResident).flatMap((mine) => {
    const home = mine.dwellingId === undefined ? [] : (index.residentsOf.get(mine.dwellingId) ?? []);
    const theirs = home.filter((each) => named.includes(each.personId) && fits(each));
    return theirs.map((each) => intersection(validityOf(mine), validityOf(each)));
  });
  const asHousehold = union([asResident, ...shared]);
  const asPerson = isNamed && !asksResidency(rule);
  if (asHousehold.length === 0 && !asPerson) return undefined;
  return { position, asResident, asHousehold, asPerson };
}

function asksResidency({ who }: NumberedRule): boolean {
  return who.roles !== undefined || who.dwellingIds !== undefined || who.buildingIds !== undefined;
}

function residencyFilter(index: ModelIndex, { who }: NumberedRule): (residency: Residency) => boolean {
  const roles = who.roles === undefined ? undefined : withAllResidents(who.roles);
  const dwellings = who.dwellingIds === undefined ? undefined : new Set(who.dwellingIds);
  const buildings = who.buildingIds === undefined ? undefined : new Set(who.buildingIds);
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

function validityOf(residency: Residency): IntervalSet {
  return validityInterval(residency.validity);
}
