import { type AccessPoint, Instant, RESIDENT_ROLES, type Residency, type Validity } from "@menshen/domain";
import type { CommunityModel, CredentialRecord, NumberedRule } from "./model.ts";

type ModelAccessPoint = Omit<AccessPoint, "name">;

/** A stretch of time in which a rule selects a person, before the rule's own validity. */
export interface Stretch {
  readonly validity: Validity;
  readonly asResident: boolean;
}

export function stretches(
  model: CommunityModel,
  rule: NumberedRule,
  accessPoint: ModelAccessPoint,
  personId: CredentialRecord["personId"],
): Stretch[] {
  const { roles, personIds, dwellingIds, buildingIds } = rule.who;
  const asksResidency = roles !== undefined || dwellingIds !== undefined || buildingIds !== undefined;
  if (!asksResidency && personIds === undefined) return [];
  const own = model.residencies.filter((residency) => residency.personId === personId);
  const isNamed = personIds === undefined || personIds.includes(personId);

  const times: Validity[] = [];
  if (isNamed)
    times.push(...own.filter((residency) => fits(model, rule, residency)).map(({ validity }) => validity));
  if (personIds !== undefined && !touchesStaffArea(model, accessPoint)) {
    // Whoever lives with a named resident may pass with them: residents of one home are equal at shared doors.
    for (const mine of own.filter(livesHere)) {
      const named = model.residencies.filter(
        (theirs) =>
          personIds.includes(theirs.personId) &&
          theirs.dwellingId === mine.dwellingId &&
          livesHere(theirs) &&
          fits(model, rule, theirs),
      );
      for (const theirs of named) {
        const together = overlap(mine.validity, theirs.validity);
        if (together !== undefined) times.push(together);
      }
    }
  }
  const result: Stretch[] = merged(times).map((validity) => ({ validity, asResident: true }));
  const isAlways = result.some(({ validity }) => validity.from === undefined && validity.until === undefined);
  if (isNamed && !asksResidency && !isAlways) result.push({ validity: {}, asResident: false });
  return result;
}

function fits(model: CommunityModel, rule: NumberedRule, residency: Residency): boolean {
  const { roles, dwellingIds, buildingIds } = rule.who;
  if (roles !== undefined) {
    const alike = RESIDENT_ROLES.includes(residency.role) ? RESIDENT_ROLES : [residency.role];
    if (!alike.some((role) => roles.includes(role))) return false;
  }
  const { dwellingId } = residency;
  if (dwellingIds !== undefined && (dwellingId === undefined || !dwellingIds.includes(dwellingId)))
    return false;
  if (buildingIds === undefined) return true;
  const dwelling = model.dwellings.find(({ id }) => id === dwellingId);
  return dwelling !== undefined && buildingIds.includes(dwelling.buildingId);
}

function livesHere(residency: Residency): boolean {
  return residency.dwellingId !== undefined && RESIDENT_ROLES.includes(residency.role);
}

function touchesStaffArea(model: CommunityModel, accessPoint: ModelAccessPoint): boolean {
  return model.areas.some(
    ({ id, staffOnly }) => staffOnly && (id === accessPoint.fromAreaId || id === accessPoint.toAreaId),
  );
}

/** True if the rule leads through the access point. */
export function ruleReaches(rule: NumberedRule, accessPoint: ModelAccessPoint): boolean {
  return (
    (rule.where.accessPointIds ?? []).includes(accessPoint.id) ||
    (rule.where.areaIds ?? []).includes(accessPoint.toAreaId)
  );
}

/** The time that two validities share, undefined if none. */
export function overlap(a: Validity, b: Validity): Validity | undefined {
  const froms = [a.from, b.from].filter((at) => at !== undefined);
  const untils = [a.until, b.until].filter((at) => at !== undefined);
  const from = froms.length === 0 ? undefined : Instant(Math.max(...froms));
  const until = untils.length === 0 ? undefined : Instant(Math.min(...untils));
  if (from !== undefined && until !== undefined && from >= until) return undefined;
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

/** Stretches that touch or overlap become one: a lease renewed without a gap is one stay. */
function merged(times: readonly Validity[]): Validity[] {
  const sorted = times.toSorted(
    (a, b) => (a.from ?? Number.NEGATIVE_INFINITY) - (b.from ?? Number.NEGATIVE_INFINITY) || 0,
  );
  const result: Validity[] = [];
  for (const time of sorted) {
    const last = result.pop();
    if (last === undefined) result.push(time);
    else if (last.until !== undefined && time.from !== undefined && time.from > last.until) {
      result.push(last, time);
    } else {
      const until =
        last.until === undefined || time.until === undefined
          ? undefined
          : Instant(Math.max(last.until, time.until));
      result.push({
        ...(last.from === undefined ? {} : { from: last.from }),
        ...(until === undefined ? {} : { until }),
      });
    }
  }
  return result;
}
