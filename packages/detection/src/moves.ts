import { type Card, KEPT_POINTS, NO_AREA } from "./card-row.ts";
import type { Sign } from "./case.ts";
import type { DoorMap, DoorPoint } from "./doors.ts";
import type { GateWatch } from "./gate-watch.ts";
import { type LearnedWalks, LONGEST_LEARNT_SECONDS } from "./learned-walks.ts";
import type { Population } from "./population.ts";
import { bucketOf, type Settings } from "./rules.ts";

/** The day's bucket as one tap raises it; without `inputs` it says nothing against anybody. */
export interface MoveFinding {
  readonly rule: "R5" | "R6" | "R7" | "R19";
  readonly bucket: number;
  readonly inputs?: Sign["inputs"];
}

/** A violation this much faster than anybody moves leaves no doubt. */
const CLEAR_SECONDS = 15;
const LEAST_TOLERANCE_MS = 5_000;
const CLOCK_DEVIATIONS = 3;

/** From one access point to another: numbers of the two, how long it took, when it ended, and a part of whose it was. */
export interface Move {
  from: number;
  to: number;
  sinceTenths: number;
  at: number;
  key: number;
}

/** R5 and R6: whether anybody can be at both doors so soon, as far as the two gates' clocks are known. */
export function judgeTravel(
  doors: DoorMap,
  gates: readonly GateWatch[],
  move: Move,
  settings: Settings,
  learned: LearnedWalks,
): MoveFinding | undefined {
  if (hadTime(doors, move, settings)) return undefined;
  const seconds = move.sinceTenths / 10;
  const from = doors.points[move.from];
  const to = doors.points[move.to];
  if (from === undefined || to === undefined) return undefined;
  const was = gates[from.gate];
  const is = gates[to.gate];
  if (was === undefined || is === undefined || was.isDoubted(move.at)) return undefined;
  const spread = from.gate === to.gate ? 0 : CLOCK_DEVIATIONS * Math.sqrt(was.errorMs ** 2 + is.errorMs ** 2);
  const tolerance = Math.max(LEAST_TOLERANCE_MS, spread) / 1_000;
  const walk = walkBetween(doors, move.from, move.to, settings, learned);
  const { pair, configured } = walk;
  if (configured === undefined || seconds + tolerance < configured) {
    if (tolerance < Number.POSITIVE_INFINITY) learned.note(pair, move.key, move.sinceTenths);
  }
  if (!isTooFast(walk.needed, seconds, tolerance)) return undefined;
  return tooFast({ from, to, seconds, needed: walk.needed, tolerance });
}

/** Whether nobody need look further, as with most moves: cards may show that a map asks too much, never too little. */
function hadTime({ points, walkSeconds }: DoorMap, move: Move, { fastestTimesWalk }: Settings): boolean {
  const walk = walkSeconds[move.from * points.length + move.to] ?? Number.POSITIVE_INFINITY;
  return (
    move.sinceTenths / 10 >=
    (walk === Number.POSITIVE_INFINITY ? LONGEST_LEARNT_SECONDS : walk / fastestTimesWalk)
  );
}

/** What anybody needs from one door to another, in seconds: 0 where neither the map nor cards tell. */
export function walkBetween(
  { points, walkSeconds }: DoorMap,
  from: number,
  to: number,
  { fastestTimesWalk }: Settings,
  learned: LearnedWalks,
): { readonly pair: number; readonly configured: number | undefined; readonly needed: number } {
  const pair = from * points.length + to;
  const walk = walkSeconds[pair] ?? Number.POSITIVE_INFINITY;
  const configured = walk === Number.POSITIVE_INFINITY ? undefined : walk / fastestTimesWalk;
  const seen = learned.leastSeconds(pair, configured !== undefined);
  // Cards may show that a map asks too much, never that it asks too little.
  return { pair, configured, needed: Math.min(seen ?? configured ?? 0, configured ?? seen ?? 0) };
}

/** Whether nobody walks in `seconds`, give or take `tolerance`, what needs `needed`. */
export function isTooFast(needed: number, seconds: number, tolerance: number): boolean {
  return needed - seconds - tolerance > 0;
}

/** R5 and R6 of two taps `seconds` apart, give or take `tolerance`, of which `isTooFast` is true. */
export function tooFast(move: {
  readonly from: DoorPoint;
  readonly to: DoorPoint;
  readonly seconds: number;
  readonly needed: number;
  readonly tolerance: number;
}): MoveFinding {
  const { from, to, seconds, needed, tolerance } = move;
  const missing = needed - seconds - tolerance;
  const twoSites = Math.max(from.outerFrom, from.outerTo) !== Math.max(to.outerFrom, to.outerTo);
  const inputs = {
    from: from.id,
    seconds,
    fastestSeconds: Math.round(needed),
    toleranceSeconds: Math.round(tolerance),
  };
  return {
    rule: twoSites ? "R6" : "R5",
    bucket: twoSites || missing <= CLEAR_SECONDS ? 1 : 2,
    inputs,
  };
}

const IN_ORDER: MoveFinding = { rule: "R7", bucket: 1 };
const PAIR_TENTHS = 36 * 36_000;
/** Conflicts further apart have nothing to do with each other. */
const TURN_TENTHS = 10 * 864_000;
const RATE_PRIOR = { conflicts: 0.6, crossings: 25 } as const;
/** Shares of forgotten taps of a credential above which it forgets often, or sometimes. */
const OFTEN = 0.07;
const SOMETIMES = 0.03;
/** Among `flags` of a credential: the last conflict was an entry by somebody inside. */
const ENTERED_FLAG = 4;

/** R7: crossings of the fence out of turn; takes note of where the bearer is. */
export function judgePassback(
  card: Card,
  doors: DoorMap,
  place: number,
  at: number,
  sinceTenths: number,
  conflictAfterSeconds: number,
): MoveFinding | undefined {
  const point = doors.points[place];
  if (point === undefined) return undefined;
  const { outerFrom, outerTo } = point;
  const area = card.area;
  card.area = outerTo;
  if (area === NO_AREA || !counts(doors, area) || !counts(doors, outerFrom)) return undefined;
  if (sinceTenths >= 0 && sinceTenths < conflictAfterSeconds * 10) return undefined;
  const crossings = card.crossings;
  if (crossings < 0xffff) card.crossings = crossings + 1;
  if (area === outerFrom) return IN_ORDER;
  // Whoever is alone forgets a tap now on the way in, now on the way out. Two bodies on one card make one conflict
  // going in and the next going out, in turn: a conflict like the last one speaks for a forgetful person.
  const entersTwice = outerFrom === 0;
  const flags = card.flags;
  const since = at - card.conflictAt;
  const isFirst = card.conflictAt === 0 || since > TURN_TENTHS;
  const isAlike = !isFirst && entersTwice === ((flags & ENTERED_FLAG) !== 0);
  card.conflictAt = at;
  card.flags = entersTwice ? flags | ENTERED_FLAG : flags & ~ENTERED_FLAG;
  const alike = card.alike + (isAlike ? 1 : 0);
  card.alike = Math.min(0xffff, alike);
  const share = (2 * alike + RATE_PRIOR.conflicts) / (crossings + RATE_PRIOR.crossings);
  const rate = share > OFTEN ? 0 : share > SOMETIMES ? 1 : 2;
  const isPair = !isFirst && !isAlike && !entersTwice && since < PAIR_TENTHS;
  const inputs = {
    was: doors.outerAreas[area] ?? "",
    tapsFrom: doors.outerAreas[outerFrom] ?? "",
    crossingsBefore: crossings,
    conflictsAlike: alike,
    ...(isPair ? { hoursAfterEnteringTwice: Math.round(since / 3_600) / 10 } : {}),
  };
  return {
    rule: "R7",
    bucket: isPair ? 5 + rate : isAlike ? 3 : rate === 2 && !isFirst ? 4 : 2,
    inputs,
  };
}

function counts({ isCounted }: DoorMap, area: number): boolean {
  return area === 0 || isCounted[area] === true;
}

/** A credential keeps to one building if so many of its taps at inner doors, of at least so many, are of one door. */
const HOME_SHARE = 0.8;
const HOME_TAPS = 6;
/** A building of another site is strange sooner: neighbours live on one's own. */
const HOME_TAPS_OTHER_SITE = 1;
/** A door is strange for its first taps. */
const STRANGE_TAPS = 3;

/** Taps at one of the doors used most; 0 at others. */
function tapsAt(card: Card, point: number): number {
  for (let kept = 0; kept < KEPT_POINTS; kept++) if (card.point(kept) === point) return card.pointTaps(kept);
  return 0;
}

/**
 * R19: a credential that keeps to one building opens another. Whoever goes from house to house for a living is not
 * judged, and nobody is where going to neighbours is usual.
 */
export function judgeStrangeBuilding(
  card: Card,
  doors: DoorMap,
  place: number,
  today: number,
  population: Population,
  provesItself: boolean,
): MoveFinding | undefined {
  const point = doors.points[place];
  if (point === undefined || point.outerFrom !== point.outerTo) return undefined;
  population.noteInner();
  const own = tapsAt(card, place);
  if (own >= STRANGE_TAPS) return undefined;
  let inner = 0;
  let home = 0;
  let homeTaps = 0;
  let isKnownSite = false;
  for (let kept = 0; kept < KEPT_POINTS; kept++) {
    const id = card.point(kept);
    const door = doors.points[id];
    if (door === undefined || door.outerFrom !== door.outerTo) continue;
    const taps = card.pointTaps(kept);
    inner += taps;
    if (taps > homeTaps) {
      home = id;
      homeTaps = taps;
    }
    if (door.outerTo === point.outerTo) isKnownSite = true;
  }
  const least = isKnownSite ? HOME_TAPS : HOME_TAPS_OTHER_SITE;
  if (homeTaps < least || homeTaps < inner * HOME_SHARE) return undefined;
  if (own === 0) population.noteStrange();
  if (population.isStrangeUsual) return undefined;
  const isFurther = own === 0 && bucketOf(today, "R19") > 0;
  return {
    rule: "R19",
    // A card that counts or answers challenges settles the question at its owner's next tap: asking early costs little.
    bucket: isFurther || !isKnownSite || provesItself ? 2 : 1,
    inputs: { home: doors.points[home]?.id ?? "", tapsAtHome: homeTaps, tapsHere: own },
  };
}
