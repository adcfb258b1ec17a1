import type { AccessPointId, AreaId, WayIn } from "@menshen/domain";
import type { Step } from "./routes.ts";
import { reaches, stepsBetween } from "./routes.ts";
import type { WayProblem } from "./verdict.ts";
import { WAYS, type WayTimes } from "./way-times.ts";

const FACE_AND_PHONE = maskOf(["face", "phone"]);
const OTHER_WAYS = maskOf(["card", "pin", "pass"]);
const ALL_WAYS = FACE_AND_PHONE | OTHER_WAYS;

/** A stretch of time in which a path lacks ways in. Milliseconds; `until` is exclusive. */
export interface BadStretch {
  readonly problem: WayProblem;
  readonly direction: "in" | "out";
  readonly accessPointIds: readonly AccessPointId[];
  readonly ways: readonly WayIn[];
  readonly from: number;
  readonly until: number;
}

/** The steps of one path in one direction. */
export interface Route {
  readonly direction: "in" | "out";
  readonly start: AreaId;
  readonly end: AreaId;
  readonly steps: readonly Step[];
}

/** Both directions between the outside and the area behind a building's entrance. */
export function routesOf(steps: readonly Step[], outside: AreaId, entrance: AreaId): readonly Route[] {
  if (outside === entrance) return [];
  return [
    { direction: "in", start: outside, end: entrance, steps: stepsBetween(steps, outside, entrance) },
    { direction: "out", start: entrance, end: outside, steps: stepsBetween(steps, entrance, outside) },
  ];
}

/** The access points on a route, each once, sorted. */
export function accessPointsOf(routes: readonly Route[]): readonly AccessPointId[] {
  const ids = routes.flatMap(({ steps }) => steps.flatMap(({ accessPointId }) => accessPointId ?? []));
  return [...new Set(ids)].sort();
}

/**
 * Finds every stretch of `from` ≤ t < `until` in which a route has too few ways in. `waysThrough` says by which ways an
 * access point can be passed, and when. Nothing changes between two edges of these times, so one look at each stretch
 * between edges is exact.
 */
export function badStretches(
  route: Route,
  waysThrough: (accessPointId: AccessPointId) => WayTimes,
  from: number,
  until: number,
): readonly BadStretch[] {
  const ids = accessPointsOf([route]);
  const timelines = ids.map((id) => timelineOf(waysThrough(id), from, until));
  const judge = judgeOf(route, ids);
  const found: BadStretch[] = [];
  const cursors = timelines.map(() => 0);
  for (let start = from; start < until; ) {
    const masks: number[] = [];
    let end = until;
    for (const [index, timeline] of timelines.entries()) {
      let cursor = cursors[index] ?? 0;
      while ((timeline[cursor]?.until ?? until) <= start) cursor++;
      cursors[index] = cursor;
      masks.push(timeline[cursor]?.mask ?? 0);
      end = Math.min(end, timeline[cursor]?.until ?? until);
    }
    for (const verdict of judge(masks)) found.push({ ...verdict, from: start, until: end });
    start = end;
  }
  return joined(found);
}

interface Span {
  readonly mask: number;
  readonly until: number;
}

/** The ways of one access point as masks over time, without gaps. */
function timelineOf(ways: WayTimes, from: number, until: number): readonly Span[] {
  const edges = [...new Set([from, until, ...ways.flat()])]
    .filter((edge) => edge >= from && edge <= until)
    .sort((a, b) => a - b);
  const cursors = ways.map(() => 0);
  const spans: Span[] = [];
  for (const [index, start] of edges.slice(0, -1).entries()) {
    let mask = 0;
    for (const [way, set] of ways.entries()) {
      let cursor = cursors[way] ?? 0;
      while ((set[cursor + 1] ?? Number.POSITIVE_INFINITY) <= start) cursor += 2;
      cursors[way] = cursor;
      if ((set[cursor] ?? Number.POSITIVE_INFINITY) <= start) mask |= 1 << way;
    }
    spans.push({ mask, until: edges[index + 1] ?? until });
  }
  return spans;
}

type Judgement = Omit<BadStretch, "from" | "until">;

/** Judges a route by the masks of its access points; equal masks are judged once. */
function judgeOf(
  route: Route,
  ids: readonly AccessPointId[],
): (masks: readonly number[]) => readonly Judgement[] {
  const known = new Map<string, readonly Judgement[]>();
  return (masks) => {
    const key = masks.join();
    const found = known.get(key) ?? [
      ...pathJudgement(route, ids, masks),
      ...forcedJudgements(route, ids, masks),
    ];
    known.set(key, found);
    return found;
  };
}

function pathJudgement(
  route: Route,
  ids: readonly AccessPointId[],
  masks: readonly number[],
): readonly Judgement[] {
  const maskAt = new Map(ids.map((id, index) => [id, masks[index] ?? 0]));
  const passes = (step: Step, bit: number) =>
    step.accessPointId === undefined || ((maskAt.get(step.accessPointId) ?? 0) & bit) !== 0;
  const ways = WAYS.filter((_, way) =>
    reaches(route.steps, route.start, route.end, (step) => passes(step, 1 << way)),
  );
  const problem = problemOf(maskOf(ways));
  if (problem === undefined) return [];
  const poor = ids.filter((id) => problemOf(maskAt.get(id) ?? 0) !== undefined);
  // Each door may have two kinds and the path still have none, if the kinds do not match.
  const blame = poor.length > 0 ? poor : ids.filter((id) => maskAt.get(id) !== ALL_WAYS);
  return [{ problem, direction: route.direction, accessPointIds: blame, ways }];
}

/** What is wrong with a path that these ways reach the end of. */
function problemOf(mask: number): WayProblem | undefined {
  if (mask === 0) return "no-way";
  if ((mask & (mask - 1)) === 0) return "one-way";
  return (mask & OTHER_WAYS) === 0 ? "only-face-or-phone" : undefined;
}

function forcedJudgements(
  route: Route,
  ids: readonly AccessPointId[],
  masks: readonly number[],
): readonly Judgement[] {
  return ids.flatMap((id, index) => {
    const mask = masks[index] ?? 0;
    if ((mask & FACE_AND_PHONE) === 0 || (mask & OTHER_WAYS) !== 0) return [];
    const ways = WAYS.filter((_, way) => (mask & (1 << way)) !== 0);
    return [{ problem: "forced-at-access-point", direction: route.direction, accessPointIds: [id], ways }];
  });
}

/** Joins stretches of one judgement that follow each other; judgements are shared objects, so compare by text. */
function joined(stretches: readonly BadStretch[]): readonly BadStretch[] {
  const open = new Map<string, BadStretch>();
  const done: BadStretch[] = [];
  for (const stretch of stretches) {
    const key = JSON.stringify({ ...stretch, from: 0, until: 0 });
    const before = open.get(key);
    if (before !== undefined && before.until === stretch.from) {
      open.set(key, { ...stretch, from: before.from });
    } else {
      if (before !== undefined) done.push(before);
      open.set(key, stretch);
    }
  }
  return [...done, ...open.values()].sort((a, b) => a.from - b.from);
}

function maskOf(ways: readonly WayIn[]): number {
  return ways.reduce((mask, way) => mask | (1 << WAYS.indexOf(way)), 0);
}
