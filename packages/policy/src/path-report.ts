import type { AccessPointId, Instant, PersonId } from "@menshen/domain";
import { covers, type IntervalSet, intersection, interval, pairsOf, union } from "./intervals.ts";
import type { CommunityModel } from "./model.ts";
import { indexModel } from "./model-index.ts";
import { type Need, type NeedClass, residentNeeds } from "./needs.ts";
import { remember } from "./remember.ts";
import { sharedSteps } from "./routes.ts";
import type { GradeWaiver, WayProblem } from "./verdict.ts";
import { accessPointsOf, type BadStretch, badStretches, type Route, routesOf } from "./way-analysis.ts";
import { makeWayClock, type WayClock } from "./way-times.ts";

/** What is missing for one need, and how it compares. */
export interface Finding {
  readonly need: Need;
  /** Cut to the time of the need. */
  readonly stretches: readonly BadStretch[];
}

/** All that is missing under one model within a period, grade falls already waived where they would cost a way. */
export interface PathReport {
  readonly findings: readonly Finding[];
  readonly waivers: readonly GradeWaiver[];
  /** What is missing for the same person and building, to compare with. */
  readonly missingFor: (need: Need) => readonly BadStretch[];
}

/** @throws {PolicyError} `invalid-model`, `invalid-period`, `unknown-time-zone` */
export function reportPaths(model: CommunityModel, at: Instant, until: Instant): PathReport {
  const index = indexModel(model);
  const steps = sharedSteps(index);
  const routesTo = remember((entrance: NeedClass["entrance"]) =>
    routesOf(steps, model.outsideAreaId, entrance),
  );
  const analyse = (clock: WayClock) => {
    const stretchesOf = remember((alike: NeedClass) =>
      routesTo(alike.entrance).flatMap((route) => analyseRoute(clock, route, alike, at, until)),
    );
    return ({ plain, alike, times }: Need) =>
      cut(stretchesOf(plain), times).length === 0 ? [] : cut(stretchesOf(alike), times);
  };
  const withCaps = analyse(makeWayClock(index, at, until, true));
  const caps = model.gradeCaps.filter(({ from }) => from < until);
  const withoutCaps = caps.length === 0 ? withCaps : analyse(makeWayClock(index, at, until, false));

  const needs = residentNeeds(index, at, until);
  // Whom a fall would cost a way on one path, it spares on all of theirs: their paths share doors.
  const sparedPersons = new Set<PersonId>();
  for (const need of caps.length === 0 ? [] : needs) {
    const uncapped = withoutCaps(need);
    if (!withCaps(need).every((stretch) => isIn(stretch, uncapped))) sparedPersons.add(need.personId);
  }
  const findings = needs.flatMap((need) => {
    const analysis = sparedPersons.has(need.personId) ? withoutCaps : withCaps;
    const stretches = analysis(need);
    return stretches.length === 0 ? [] : [{ need, stretches }];
  });
  const spared = needs.filter(({ personId }) => sparedPersons.has(personId));
  const known = Map.groupBy(findings, ({ need }) => placeOf(need));
  return {
    findings,
    waivers: waiversFor(spared, (need) => accessPointsOf(routesTo(need.alike.entrance)), [
      ...new Set(caps.map(({ kind }) => kind)),
    ]),
    missingFor: (need) => (known.get(placeOf(need)) ?? []).flatMap(({ stretches }) => stretches),
  };
}

/** True if the same was missing already: at every instant of the stretch, as bad or worse. */
export function isIn(stretch: BadStretch, others: readonly BadStretch[]): boolean {
  const alike = others.filter(
    (other) =>
      other.direction === stretch.direction &&
      (stretch.problem === "forced-at-access-point"
        ? other.problem === stretch.problem && other.accessPointIds[0] === stretch.accessPointIds[0]
        : SEVERITY[other.problem] >= SEVERITY[stretch.problem]),
  );
  const times = union(alike.map(({ from, until }) => interval(from, until)));
  return covers(times, interval(stretch.from, stretch.until));
}

const SEVERITY: Readonly<Record<WayProblem, number>> = {
  "forced-at-access-point": 0,
  "only-face-or-phone": 1,
  "one-way": 2,
  "no-way": 3,
};

function analyseRoute(
  clock: WayClock,
  route: Route,
  { selected, held }: NeedClass,
  at: Instant,
  until: Instant,
): readonly BadStretch[] {
  return badStretches(route, (id) => clock.waysThrough(id, selected, held), at, until);
}

function cut(stretches: readonly BadStretch[], times: IntervalSet): readonly BadStretch[] {
  return stretches.flatMap((stretch) =>
    pairsOf(intersection(interval(stretch.from, stretch.until), times)).map(([from, until]) => ({
      ...stretch,
      from,
      until,
    })),
  );
}

function placeOf({ personId, alike }: Need): string {
  return `${personId} ${alike.buildingId}`;
}

function waiversFor(
  spared: readonly Need[],
  accessPointsFor: (need: Need) => readonly AccessPointId[],
  kinds: GradeWaiver["kinds"],
): readonly GradeWaiver[] {
  const byEntrance = Map.groupBy(spared, ({ alike }) => alike.entrance);
  return [...byEntrance.keys()].sort().flatMap((entrance) => {
    const needs = byEntrance.get(entrance) ?? [];
    const [first] = needs;
    if (first === undefined) return [];
    const personIds = [...new Set(needs.map(({ personId }) => personId))].sort();
    return [{ personIds, accessPointIds: accessPointsFor(first), kinds: kinds.toSorted() }];
  });
}
