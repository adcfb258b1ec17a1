import type { AccessPointId, AreaId, AreaRule, Instant, PortalRule } from "@menshen/domain";
import { violationsOf, worsened } from "./check-policy.ts";
import { leadsThrough } from "./matching.ts";
import type { CommunityModel } from "./model.ts";
import { reportPaths } from "./path-report.ts";
import { compileDoorPlan } from "./presence/plan.ts";
import type { WayViolation } from "./verdict.ts";

/** On a path that a resident cannot do without, timed anti-passback may keep them waiting this long at most. */
export const MOST_TIMED_ON_PATH_MS = 10 * 60_000;

/** Why door rules cannot be set. */
export type DoorRuleFault =
  /** The street has no rule: nobody enters it. */
  | { readonly code: "rule-of-outside"; readonly areaId: AreaId }
  /** Who leaves unseen counts as inside: this area needs a reader on the way out at each of these doors. */
  | {
      readonly code: "exit-unseen";
      readonly areaId: AreaId;
      readonly accessPointIds: readonly AccessPointId[];
    }
  /** The rules could keep these residents out on paths where they have no other way. */
  | { readonly code: "only-path"; readonly violation: WayViolation };

export interface DoorRulesCheck {
  readonly areas: readonly AreaRule[];
  readonly portals: readonly PortalRule[];
  readonly at: Instant;
  readonly until: Instant;
}

/**
 * Checks door rules against a community: empty if they may be set. Whatever can refuse a resident (hard anti-passback, an
 * occupancy limit, staff first, never alone, an escort, two persons, or timed anti-passback beyond
 * `MOST_TIMED_ON_PATH_MS`) must leave each resident, at every moment of the period, the ways in that they have without
 * it. Soft anti-passback, counting, interlocks and a shorter timed one are free.
 *
 * @throws {PolicyError} `invalid-model`, `invalid-period`, `unknown-time-zone`
 */
export function checkDoorRules(
  model: CommunityModel,
  { areas, portals, at, until }: DoorRulesCheck,
): readonly DoorRuleFault[] {
  const outside = areas.filter(({ areaId }) => areaId === model.outsideAreaId);
  const plan = compileDoorPlan({
    outsideAreaId: model.outsideAreaId,
    areas,
    portals,
    accessPoints: placedAccessPoints(model),
    presenceMs: 0,
  });
  const passages = [...plan.places.values()];
  const unseen = [...plan.areas.values()].flatMap(({ rule, contains }): readonly DoorRuleFault[] => {
    if (!countsExits(rule)) return [];
    const exits = new Set(
      passages
        .filter(({ left }) => left.some((area) => area.rule === rule))
        .map(({ accessPoint }) => accessPoint.portalId),
    );
    const blind = passages.filter(
      ({ accessPoint: { fromAreaId, toAreaId, portalId } }) =>
        contains.has(toAreaId) && !contains.has(fromAreaId) && !exits.has(portalId),
    );
    if (blind.length === 0) return [];
    return [
      {
        code: "exit-unseen",
        areaId: rule.areaId,
        accessPointIds: blind.map(({ accessPoint }) => accessPoint.id).sort(),
      },
    ];
  });
  const held = new Set(
    passages
      .filter(
        ({ isOutward, portal, entered }) =>
          !isOutward && (portal?.twoPersonRule !== undefined || entered.some(({ rule }) => mayRefuse(rule))),
      )
      .map(({ accessPoint }) => accessPoint.id),
  );
  const findings =
    held.size === 0
      ? []
      : worsened(reportPaths(without(model, held), at, until), reportPaths(model, at, until));
  return [
    ...outside.map(({ areaId }) => ({ code: "rule-of-outside", areaId }) as const),
    ...unseen,
    ...violationsOf(findings).map((violation) => ({ code: "only-path", violation }) as const),
  ];
}

function placedAccessPoints(model: CommunityModel) {
  const gates = new Map(model.portals.map(({ id, gateId }) => [id, gateId]));
  return model.accessPoints.flatMap(({ id, portalId, fromAreaId, toAreaId }) => {
    const gateId = gates.get(portalId);
    return gateId === undefined ? [] : [{ id, portalId, gateId, fromAreaId, toAreaId }];
  });
}

function mayRefuse(rule: AreaRule): boolean {
  return (
    rule.antiPassback === "hard" ||
    (rule.timedMs ?? 0) > MOST_TIMED_ON_PATH_MS ||
    rule.occupancyLimit !== undefined ||
    rule.firstPersonIn !== undefined ||
    rule.minimumPersons !== undefined ||
    rule.escort !== undefined
  );
}

function countsExits(rule: AreaRule): boolean {
  return (
    rule.antiPassback === "hard" || rule.occupancyLimit !== undefined || rule.minimumPersons !== undefined
  );
}

/** The community as if no rule led through these access points. */
function without(model: CommunityModel, held: ReadonlySet<AccessPointId>): CommunityModel {
  return {
    ...model,
    rules: model.rules.map((rule) => ({
      ...rule,
      where: {
        accessPointIds: model.accessPoints
          .filter((accessPoint) => !held.has(accessPoint.id) && leadsThrough(rule, accessPoint))
          .map(({ id }) => id),
      },
    })),
  };
}
