import type {
  AccessPointId,
  AreaId,
  AreaRule,
  DoorRules,
  GateId,
  PlacedAccessPoint,
  PortalId,
  PortalRule,
} from "@menshen/domain";

/** Door rules made ready for questions: what each passage crosses, and which gates watch the edge of which area. */
export interface DoorPlan {
  readonly places: ReadonlyMap<AccessPointId, Passage>;
  readonly areas: ReadonlyMap<AreaId, RuledArea>;
  /** Portals of each interlock group. */
  readonly interlocks: ReadonlyMap<number, readonly PortalId[]>;
  readonly presenceMs: number;
}

/** One direction through a portal. */
export interface Passage {
  readonly accessPoint: PlacedAccessPoint;
  /** Rules of its portal; absent at other gates. */
  readonly portal?: PortalRule;
  /** Towards the street: never refused by a count or by where somebody is. */
  readonly isOutward: boolean;
  readonly entered: readonly RuledArea[];
  readonly left: readonly RuledArea[];
}

export interface RuledArea {
  readonly rule: AreaRule;
  /** The area and all that can only be reached through it. */
  readonly contains: ReadonlySet<AreaId>;
  /** Steps from the street; an area without a way from there is the farthest. */
  readonly depth: number;
  /** Gates with a reader at its edge: who is inside is known only while all of them are heard. */
  readonly gates: ReadonlySet<GateId>;
}

/**
 * Prepares door rules. Total: a rule of an area or portal without access points holds nowhere, and of two rules for the
 * same area or portal the last holds.
 */
export function compileDoorPlan(rules: DoorRules): DoorPlan {
  const { accessPoints, outsideAreaId, presenceMs } = rules;
  const neighbours = neighboursOf(accessPoints);
  const depths = stepsFrom(outsideAreaId, neighbours, undefined);
  const depthOf = (area: AreaId) => depths.get(area) ?? Number.POSITIVE_INFINITY;
  const areas = new Map<AreaId, RuledArea>();
  for (const rule of rules.areas) {
    if (rule.areaId === outsideAreaId) continue;
    const without = stepsFrom(outsideAreaId, neighbours, rule.areaId);
    const contains = new Set([...depths.keys()].filter((area) => !without.has(area))).add(rule.areaId);
    const edge = accessPoints.filter(
      ({ fromAreaId, toAreaId }) => contains.has(fromAreaId) !== contains.has(toAreaId),
    );
    const gates = new Set(edge.map(({ gateId }) => gateId));
    areas.set(rule.areaId, { rule, contains, depth: depthOf(rule.areaId), gates });
  }
  const portals = new Map(rules.portals.map((rule) => [rule.portalId, rule]));
  const places = new Map(
    accessPoints.map((accessPoint) => {
      const { id, portalId, fromAreaId, toAreaId } = accessPoint;
      const portal = portals.get(portalId);
      const isIn = ({ contains }: RuledArea, area: AreaId) => contains.has(area);
      const passage: Passage = {
        accessPoint,
        ...(portal === undefined ? {} : { portal }),
        isOutward: depthOf(toAreaId) < depthOf(fromAreaId),
        entered: [...areas.values()].filter((area) => isIn(area, toAreaId) && !isIn(area, fromAreaId)),
        left: [...areas.values()].filter((area) => isIn(area, fromAreaId) && !isIn(area, toAreaId)),
      };
      return [id, passage] as const;
    }),
  );
  const locked = rules.portals.filter(({ interlockGroup }) => interlockGroup !== undefined);
  return {
    places,
    areas,
    interlocks: new Map(
      [...Map.groupBy(locked, ({ interlockGroup }) => interlockGroup ?? 0)].map(([group, members]) => [
        group,
        members.map(({ portalId }) => portalId),
      ]),
    ),
    presenceMs,
  };
}

/** A portal is a way in both directions here: where no reader is, there is an exit button. */
function neighboursOf(accessPoints: readonly PlacedAccessPoint[]): ReadonlyMap<AreaId, ReadonlySet<AreaId>> {
  const neighbours = new Map<AreaId, Set<AreaId>>();
  const join = (from: AreaId, to: AreaId) => {
    const known = neighbours.get(from);
    if (known === undefined) neighbours.set(from, new Set([to]));
    else known.add(to);
  };
  for (const { fromAreaId, toAreaId } of accessPoints) {
    join(fromAreaId, toAreaId);
    join(toAreaId, fromAreaId);
  }
  return neighbours;
}

/** Fewest steps to each area that can be reached without entering the one avoided. */
function stepsFrom(
  start: AreaId,
  neighbours: ReadonlyMap<AreaId, ReadonlySet<AreaId>>,
  avoided: AreaId | undefined,
): ReadonlyMap<AreaId, number> {
  const steps = new Map<AreaId, number>([[start, 0]]);
  // A map grows while it is walked, so this is a breadth-first search.
  for (const [area, count] of steps) {
    for (const next of neighbours.get(area) ?? []) {
      if (next !== avoided && !steps.has(next)) steps.set(next, count + 1);
    }
  }
  return steps;
}
