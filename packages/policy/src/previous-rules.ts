import type { Validity } from "@menshen/domain";
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

/**
 * What a change takes away from persons, rule by rule: rules that are gone, rules that select fewer people, for a
 * shorter time, or without their permission in lockdowns. Rules that lead elsewhere or ask for more are no revocation;
 * they wait with the rest of the change.
 */
export function revocations(
  before: CommunityModel,
  model: CommunityModel,
): readonly ((rules: readonly NumberedRule[]) => readonly NumberedRule[])[] {
  const after = new Map(model.rules.map((rule) => [rule.number, rule]));
  return before.rules.flatMap((rule) => {
    const next = after.get(rule.number);
    if (next === undefined) return [(rules) => rules.filter(({ number }) => number !== rule.number)];
    if (!selectsFewer(next, rule)) return [];
    const { overridesLockdown, ...rest } = rule;
    const narrowed: NumberedRule = {
      ...rest,
      who: next.who,
      validity: next.validity,
      ...(overridesLockdown === true && next.overridesLockdown === true ? { overridesLockdown } : {}),
    };
    return [(rules) => rules.map((each) => (each.number === rule.number ? narrowed : each))];
  });
}

/** True if `next` selects nobody at any time whom `rule` did not select then. */
function selectsFewer(next: NumberedRule, rule: NumberedRule): boolean {
  return (
    isWithinList(next.who.roles, rule.who.roles) &&
    isWithinList(next.who.personIds, rule.who.personIds) &&
    isWithinList(next.who.dwellingIds, rule.who.dwellingIds) &&
    isWithinList(next.who.buildingIds, rule.who.buildingIds) &&
    isWithinValidity(next.validity, rule.validity)
  );
}

/** A selector that is absent lets everybody through. */
function isWithinList<Entry>(
  next: readonly Entry[] | undefined,
  list: readonly Entry[] | undefined,
): boolean {
  return list === undefined || next?.every((entry) => list.includes(entry)) === true;
}

function isWithinValidity(next: Validity, validity: Validity): boolean {
  const beginsNoEarlier =
    validity.from === undefined || (next.from !== undefined && next.from >= validity.from);
  const endsNoLater =
    validity.until === undefined || (next.until !== undefined && next.until <= validity.until);
  return beginsNoEarlier && endsNoLater;
}
