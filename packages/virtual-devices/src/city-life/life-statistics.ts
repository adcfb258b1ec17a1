import { CITY_START_MS, type CityCommunity } from "./community.ts";
import { CITY_PARAMETERS } from "./parameters.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A door that did not open at once is tapped again. */
const SAME_OUTING_MS = 5 * 60_000;
/** Whoever is away for longer was let in by somebody else. */
const LONGEST_MS = 28 * HOUR_MS;

/** One figure for working days, Saturdays and Sundays; holidays are left out. */
export interface ByDay {
  readonly workday: number;
  readonly saturday: number;
  readonly sunday: number;
}

/** How a simulated community lives, in figures that surveys of travel and of time use publish too. Of cards, not of persons. */
export interface LifeStatistics {
  /** Passages out through the fence, a card and day. */
  readonly outings: ByDay;
  /** Share of cards that did not leave that day. */
  readonly stayedIn: ByDay;
  /** Share of a working day's first outings that began from 7:00 to 8:59. */
  readonly firstFrom7To9: number;
  /** Hours from leaving to coming back, a card and day. */
  readonly hoursAway: ByDay;
}

type Kind = keyof ByDay;

/** What the doors of a community saw of its residents; what copies did is left out. */
export function lifeStatistics(community: CityCommunity): LifeStatistics {
  const { doors, events, truth } = community;
  const points = new Map(doors.accessPoints.map((point) => [point.id, point]));
  const cards = truth.kinds.length;
  const taps = events
    .map(({ accessPoint, at, result }, index) => ({ at, result, index, point: points.get(accessPoint) }))
    .filter(({ index, result }) => result === "granted" && truth.byCopy[index] === 0)
    .toSorted((a, b) => a.at - b.at);
  const lastOut = new Map<number, number>();
  const firstOut = new Map<string, number>();
  const sums = { outings: byDay(), hours: byDay(), left: byDay() };
  let lastDay = 0;
  for (const { at, index, point } of taps) {
    const card = truth.card[index] ?? -1;
    const out = lastOut.get(card);
    if (point?.from === "outside") {
      if (out === undefined) continue;
      lastOut.delete(card);
      const kind = kindOf(dayOf(out));
      if (kind !== undefined && at - out <= LONGEST_MS) sums.hours[kind] += (at - out) / HOUR_MS;
    } else if (point?.to === "outside") {
      lastOut.set(card, at);
      if (out !== undefined && at - out < SAME_OUTING_MS) continue;
      const day = dayOf(at);
      lastDay = Math.max(lastDay, day);
      const kind = kindOf(day);
      if (kind === undefined) continue;
      sums.outings[kind] += 1;
      const key = `${card} ${day}`;
      if (firstOut.has(key)) continue;
      firstOut.set(key, at);
      sums.left[kind] += 1;
    }
  }
  const cardDays = byDay();
  for (let day = 0; day <= lastDay; day++) {
    const kind = kindOf(day);
    if (kind !== undefined) cardDays[kind] += cards;
  }
  const firsts = [...firstOut.values()].filter((at) => kindOf(dayOf(at)) === "workday");
  const early = firsts.filter((at) => {
    const hour = (at - CITY_START_MS - dayOf(at) * DAY_MS) / HOUR_MS;
    return hour >= 7 && hour < 9;
  });
  const each = (of: (kind: Kind) => number): ByDay => ({
    workday: of("workday"),
    saturday: of("saturday"),
    sunday: of("sunday"),
  });
  return {
    outings: each((kind) => sums.outings[kind] / cardDays[kind]),
    stayedIn: each((kind) => 1 - sums.left[kind] / cardDays[kind]),
    firstFrom7To9: early.length / firsts.length,
    hoursAway: each((kind) => sums.hours[kind] / cardDays[kind]),
  };
}

function byDay(): Record<Kind, number> {
  return { workday: 0, saturday: 0, sunday: 0 };
}

/** Whole days since the first midnight, which begins a Monday. */
function dayOf(at: number): number {
  return Math.floor((at - CITY_START_MS) / DAY_MS);
}

function kindOf(day: number): Kind | undefined {
  if (CITY_PARAMETERS.days.holidays.some(([first, last]) => day >= first && day <= last)) return undefined;
  const weekday = day % 7;
  return weekday < 5 ? "workday" : weekday === 5 ? "saturday" : "sunday";
}
