import { type AreaId, type BuildingId, gradeRank, type Instant, type PersonId } from "@menshen/domain";
import {
  ALWAYS,
  covers,
  type IntervalSet,
  intersection,
  interval,
  union,
  validityInterval,
} from "./intervals.ts";
import { ruleMatcher } from "./matching.ts";
import type { CredentialRecord, Offer } from "./model.ts";
import { isResident, type ModelIndex } from "./model-index.ts";
import type { Selected, Usable } from "./way-times.ts";

/** Residents alike in all that decides their ways in: one analysis answers for all of them. */
export interface NeedClass {
  readonly key: string;
  readonly buildingId: BuildingId;
  readonly entrance: AreaId;
  readonly selected: readonly Selected[];
  readonly held: readonly Usable[];
}

/** That a person needs the path to a dwelling, and when. */
export interface Need {
  readonly personId: PersonId;
  readonly times: IntervalSet;
  readonly alike: NeedClass;
}

/**
 * Every resident's need of their path within a period. Times that cover the whole of a need count as "always", so that
 * homes with different dates are still alike.
 */
export function residentNeeds(index: ModelIndex, at: Instant, until: Instant): readonly Need[] {
  const matchers = index.rules.map((rule) => ({ rule, matches: ruleMatcher(index, rule) }));
  const classes = new Map<string, NeedClass>();
  const needs: Need[] = [];
  for (const [personId, residencies] of index.residenciesOf) {
    const homes = residencies.filter(isResident);
    if (homes.length === 0) continue;
    const selections = matchers.flatMap(({ rule, matches }) => {
      const { asHousehold, asPerson } = matches(personId);
      const times = asPerson ? ALWAYS : asHousehold;
      return times.length === 0 ? [] : [{ rule, times }];
    });
    const credentials = usableBeyondOffers(index, personId);
    for (const { dwellingId, validity } of homes) {
      const times = intersection(validityInterval(validity), interval(at, until));
      const entrance = dwellingId === undefined ? undefined : index.areaOfDwelling.get(dwellingId);
      const buildingId = dwellingId === undefined ? undefined : index.buildingOfDwelling.get(dwellingId);
      if (times.length === 0 || entrance === undefined || buildingId === undefined) continue;
      const selected = selections.map((each) => ({ ...each, times: relativeTo(times, each.times) }));
      const held = credentials.map((each) => ({ ...each, times: relativeTo(times, each.times) }));
      const key = keyOf(buildingId, selected, held);
      const alike = classes.get(key) ?? { key, buildingId, entrance, selected, held };
      classes.set(key, alike);
      needs.push({ personId, times, alike });
    }
  }
  return needs;
}

function relativeTo(need: IntervalSet, times: IntervalSet): IntervalSet {
  return covers(times, need) ? ALWAYS : intersection(times, need);
}

/** Active credentials that give more than the offers everybody has: another kind, or a better grade. */
function usableBeyondOffers(index: ModelIndex, personId: PersonId): readonly Usable[] {
  const active = (index.credentialsOf.get(personId) ?? []).filter(
    (credential) => credential.status === "active" && !isOffered(index.model.offers, credential),
  );
  const alike = Map.groupBy(active, ({ kind, grade }) => `${kind} ${grade}`);
  return [...alike.keys()].sort().flatMap((key) => {
    const group = alike.get(key) ?? [];
    const times = union(group.map(({ validity }) => validityInterval(validity)));
    return group.slice(0, 1).map(({ kind, grade }) => ({ kind, grade, times }));
  });
}

function isOffered(offers: readonly Offer[], credential: CredentialRecord): boolean {
  return offers.some(
    ({ kind, grade }) => kind === credential.kind && gradeRank(grade) <= gradeRank(credential.grade),
  );
}

function keyOf(buildingId: BuildingId, selected: readonly Selected[], held: readonly Usable[]): string {
  const rules = selected.map(({ rule, times }) => `${rule.number}@${times.join()}`);
  const credentials = held.map(({ kind, grade, times }) => `${kind}${grade}@${times.join()}`);
  return [buildingId, ...rules, ...credentials].join(" ");
}
