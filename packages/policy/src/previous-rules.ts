import { gradeRank, type Validity } from "@menshen/domain";
import type { CommunityModel, NumberedRule } from "./model.ts";

/**
 * The places and rules of `previous` with the persons, credentials, modes and grade falls of `model`: what is in force
 * while a change waits. Homes that only the change would build are not there yet.
 */
export function withFactsOf(previous: CommunityModel, model: CommunityModel): CommunityModel {
  const buildings = new Set(previous.buildings.map(({ id }) => id));
  const dwellings = model.dwellings.filter(({ buildingId }) => buildings.has(buildingId));
  const known = new Set(dwellings.map(({ id }) => id));
  return {
    ...previous,
    dwellings,
    residencies: model.residencies.filter(
      ({ dwellingId }) => dwellingId === undefined || known.has(dwellingId),
    ),
    credentials: model.credentials,
    gradeCaps: model.gradeCaps,
    modes: model.modes,
  };
}

/** What a change takes away, rule by rule: rules that it removes, and rules that it only makes narrower. */
export function narrowings(
  before: CommunityModel,
  model: CommunityModel,
): readonly ((rules: readonly NumberedRule[]) => readonly NumberedRule[])[] {
  const after = new Map(model.rules.map((rule) => [rule.number, rule]));
  const schedules = new Set(before.schedules.map(({ id }) => id));
  return before.rules.flatMap((rule) => {
    const next = after.get(rule.number);
    if (next === undefined) return [(rules) => rules.filter(({ number }) => number !== rule.number)];
    const isKnown = next.scheduleId === undefined || schedules.has(next.scheduleId);
    if (!isKnown || !isNarrower(next, rule)) return [];
    return [(rules) => rules.map((each) => (each.number === rule.number ? next : each))];
  });
}

/** True if `next` grants nothing that `rule` did not grant. */
function isNarrower(next: NumberedRule, rule: NumberedRule): boolean {
  return (
    isWithinList(next.who.roles, rule.who.roles) &&
    isWithinList(next.who.personIds, rule.who.personIds) &&
    isWithinList(next.who.dwellingIds, rule.who.dwellingIds) &&
    isWithinList(next.who.buildingIds, rule.who.buildingIds) &&
    isWithinList(next.means, rule.means) &&
    isWithinPlaces(next.where.accessPointIds, rule.where.accessPointIds) &&
    isWithinPlaces(next.where.areaIds, rule.where.areaIds) &&
    (rule.scheduleId === undefined || rule.scheduleId === next.scheduleId) &&
    gradeRank(next.minimumGrade) <= gradeRank(rule.minimumGrade) &&
    isWithinValidity(next.validity, rule.validity) &&
    (next.overridesLockdown !== true || rule.overridesLockdown === true)
  );
}

/** A selector that is absent lets everybody through. */
function isWithinList<Entry>(
  next: readonly Entry[] | undefined,
  list: readonly Entry[] | undefined,
): boolean {
  return list === undefined || next?.every((entry) => list.includes(entry)) === true;
}

/** Places add up: a list that is absent adds none. */
function isWithinPlaces<Entry>(next: readonly Entry[] = [], list: readonly Entry[] = []): boolean {
  return next.every((entry) => list.includes(entry));
}

function isWithinValidity(next: Validity, validity: Validity): boolean {
  const beginsNoEarlier =
    validity.from === undefined || (next.from !== undefined && next.from >= validity.from);
  const endsNoLater =
    validity.until === undefined || (next.until !== undefined && next.until <= validity.until);
  return beginsNoEarlier && endsNoLater;
}
