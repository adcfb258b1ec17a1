import {
  type AreaId,
  type BuildingId,
  type CredentialKind,
  gradeRank,
  type Instant,
  type PersonId,
  type Residency,
  type Validity,
  wayInOf,
} from "@menshen/domain";
import {
  ALWAYS,
  covers,
  type IntervalSet,
  intersection,
  interval,
  union,
  validityInterval,
} from "./intervals.ts";
import { ruleSelector, type Selection } from "./matching.ts";
import type { CredentialRecord, Offer } from "./model.ts";
import { isResident, type ModelIndex } from "./model-index.ts";
import type { Selected, Usable } from "./way-times.ts";

/** Residents alike in all that decides their ways in: one analysis answers for all of them. */
export interface NeedClass {
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
  /**
   * The same without cards, PINs and passes of their own. If nothing is missing here, nothing is missing with them,
   * and far more residents are alike.
   */
  readonly plain: NeedClass;
}

/**
 * Every resident's need of their path within a period. Times that cover the whole of a need count as "always", so that
 * homes with different dates are still alike.
 */
export function residentNeeds(index: ModelIndex, at: Instant, until: Instant): readonly Need[] {
  const selectionsOf = ruleSelector(index, index.rules);
  const classes = new Map<string, NeedClass>();
  const needs: Need[] = [];
  for (const [personId, residencies] of index.residenciesOf) {
    const homes = residencies.flatMap((residency) => homeOf(index, residency));
    if (homes.length === 0) continue;
    const selections = selectionsOf(personId);
    const credentials = usableBeyondOffers(index, personId);
    for (const { buildingId, entrance, validity } of homes) {
      const times = intersection(validityInterval(validity), interval(at, until));
      if (times.length === 0) continue;
      const classOf = (held: readonly Usable[]) => {
        const key = likenessOf(buildingId, times, selections, held);
        const alike = classes.get(key) ?? {
          buildingId,
          entrance,
          selected: selections.flatMap((selection) => {
            const rule = index.rules[selection.position];
            return rule === undefined ? [] : [{ rule, times: relativeTo(times, timesOf(selection)) }];
          }),
          held: held.map((each) => ({ ...each, times: relativeTo(times, each.times) })),
        };
        classes.set(key, alike);
        return alike;
      };
      const plain = classOf(credentials.filter(({ kind }) => isFaceOrPhone(kind)));
      needs.push({ personId, times, plain, alike: classOf(credentials) });
    }
  }
  return needs;
}

function isFaceOrPhone(kind: CredentialKind): boolean {
  const way = wayInOf(kind);
  return way === "face" || way === "phone";
}

interface Home {
  readonly buildingId: BuildingId;
  readonly entrance: AreaId;
  readonly validity: Validity;
}

/** The home of a resident, unless its entrance stands on the street, where there is no path to count. */
function homeOf(index: ModelIndex, residency: Residency): readonly Home[] {
  const { dwellingId, validity } = residency;
  if (dwellingId === undefined || !isResident(residency)) return [];
  const entrance = index.areaOfDwelling.get(dwellingId);
  const buildingId = index.buildingOfDwelling.get(dwellingId);
  if (entrance === undefined || buildingId === undefined || entrance === index.model.outsideAreaId) return [];
  return [{ buildingId, entrance, validity }];
}

function timesOf({ asHousehold, asPerson }: Selection): IntervalSet {
  return asPerson ? ALWAYS : asHousehold;
}

function relativeTo(need: IntervalSet, times: IntervalSet): IntervalSet {
  return covers(times, need) ? ALWAYS : intersection(times, need);
}

/** Active credentials that give more than the offers everybody has: another kind, or a better grade. */
export function usableBeyondOffers(index: ModelIndex, personId: PersonId): readonly Usable[] {
  const active = (index.credentialsOf.get(personId) ?? []).filter(
    (credential) => credential.status === "active" && !isOffered(index.model.offers, credential),
  );
  if (active.length === 0) return [];
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

/** Equal texts mean equal ways in for as long as the need lasts. */
function likenessOf(
  buildingId: BuildingId,
  need: IntervalSet,
  selections: readonly Selection[],
  held: readonly Usable[],
): string {
  const textOf = (times: IntervalSet) => (covers(times, need) ? "*" : intersection(times, need).join());
  let text: string = buildingId;
  for (const selection of selections) text += ` ${selection.position}@${textOf(timesOf(selection))}`;
  for (const { kind, grade, times } of held) text += ` ${kind}${grade}@${textOf(times)}`;
  return text;
}
