import { dateAfter, momentOf, type VisitTimes, wallTimeAt, weekdayOfDate } from "@menshen/ui";
import type { VisitPurpose } from "@menshen/wire";

export const VISIT_PRESETS = ["today", "delivery", "weekly"] as const;
export type VisitPreset = (typeof VISIT_PRESETS)[number];

/** A visitor's pass as it stands in the form: days and clocks of the community, not moments. */
export interface VisitDraft {
  readonly purpose: VisitPurpose;
  /** Portals. */
  readonly doorIds: readonly string[];
  readonly startDate: string;
  readonly startMinute: number;
  /** Up to this date and minute, which may be 1440. */
  readonly endDate: string;
  readonly endMinute: number;
  /** Empty: every day. */
  readonly weekdays: readonly number[];
  /** Absent: all day. */
  readonly hours: { readonly startMinute: number; readonly endMinute: number } | undefined;
  /** Absent: as often as the time allows. */
  readonly uses: number | undefined;
}

/** What the community allows residents to sign. */
export interface VisitLimits {
  readonly doorIds: readonly string[];
  /** Seconds, from the first to the last. */
  readonly longestS: number;
  readonly timeZone: string;
}

export type VisitProblem =
  | "no-door"
  | "too-many-doors"
  | "bad-date"
  | "ends-before-start"
  | "over"
  | "too-long"
  | "bad-hours"
  | "no-such-day";

const MAX_DOORS = 16;
/** A guest for the evening is told of it by eight; later ones may stay until midnight. */
const EVENING_MINUTE = 20 * 60;
const LATE_MINUTE = 19 * 60;
const DAY_MS = 86_400_000;
/** Somebody who comes every week, for two months. */
const WEEKLY_DAYS = 56;
const MORNING = { startMinute: 9 * 60, endMinute: 12 * 60 };

/** A pass as most people want it, within what is allowed. */
export function draftOf(preset: VisitPreset, now: number, limits: VisitLimits): VisitDraft {
  const start = wallTimeAt(now, limits.timeZone);
  const common = {
    doorIds: limits.doorIds.slice(0, MAX_DOORS),
    startDate: start.date,
    startMinute: start.minute,
    weekdays: [],
    hours: undefined,
    uses: undefined,
  };
  switch (preset) {
    case "today": {
      const endMinute = start.minute < LATE_MINUTE ? EVENING_MINUTE : 1440;
      return {
        ...common,
        purpose: "visitor",
        ...endWithin({ date: start.date, minute: endMinute }, now, limits),
      };
    }
    case "delivery": {
      const end = { date: dateAfter(start.date, 1), minute: 1440 };
      return { ...common, purpose: "delivery", uses: 1, ...endWithin(end, now, limits) };
    }
    case "weekly": {
      const end = { date: dateAfter(start.date, WEEKLY_DAYS), minute: 1440 };
      return {
        ...common,
        purpose: "service",
        weekdays: [weekdayOfDate(dateAfter(start.date, 1))],
        hours: MORNING,
        ...endWithin(end, now, limits),
      };
    }
  }
}

/** When a draft holds; `NaN` in dates that are none. */
export function timesOf(draft: VisitDraft, timeZone: string): VisitTimes {
  const { startDate, startMinute, endDate, endMinute, weekdays, hours, uses } = draft;
  return {
    from: momentOf({ date: startDate, minute: startMinute }, timeZone),
    until: momentOf({ date: endDate, minute: endMinute }, timeZone),
    ...(weekdays.length === 0 || weekdays.length === 7
      ? {}
      : { weekdays: [...weekdays].sort((a, b) => a - b) }),
    ...(hours === undefined ? {} : { windows: [hours] }),
    ...(uses === undefined ? {} : { uses }),
  };
}

/** What gates would refuse, said before it is signed. */
export function problemsOf(draft: VisitDraft, now: number, limits: VisitLimits): readonly VisitProblem[] {
  const problems: VisitProblem[] = [];
  const { doorIds, hours, weekdays } = draft;
  if (!doorIds.some((id) => limits.doorIds.includes(id))) problems.push("no-door");
  if (doorIds.length > MAX_DOORS) problems.push("too-many-doors");
  if (hours !== undefined && !(hours.startMinute < hours.endMinute)) problems.push("bad-hours");
  const { from, until } = timesOf(draft, limits.timeZone);
  if (Number.isNaN(from) || Number.isNaN(until)) return [...problems, "bad-date"];
  if (until <= from) return [...problems, "ends-before-start"];
  if (until <= now) problems.push("over");
  if (until - from > limits.longestS * 1_000) problems.push("too-long");
  if (weekdays.length > 0 && !holdsOnADay(draft)) problems.push("no-such-day");
  return problems;
}

function holdsOnADay({ startDate, endDate, endMinute, weekdays }: VisitDraft): boolean {
  // A day that ends as it begins is not part of it.
  const last = endMinute === 0 ? dateAfter(endDate, -1) : endDate;
  for (let date = startDate, days = 0; date <= last && days < 7; date = dateAfter(date, 1), days += 1) {
    if (weekdays.includes(weekdayOfDate(date))) return true;
  }
  return false;
}

/** The wished end, or the last that the community allows. */
function endWithin(
  wished: { readonly date: string; readonly minute: number },
  now: number,
  { longestS, timeZone }: VisitLimits,
): Pick<VisitDraft, "endDate" | "endMinute"> {
  const latest = Math.floor(now / 60_000) * 60_000 + longestS * 1_000;
  if (momentOf(wished, timeZone) <= latest) return { endDate: wished.date, endMinute: wished.minute };
  const { date, minute } = wallTimeAt(latest, timeZone);
  // Whole days are easier to tell a visitor than minutes.
  return longestS * 1_000 >= 2 * DAY_MS
    ? { endDate: dateAfter(date, -1), endMinute: 1440 }
    : { endDate: date, endMinute: minute };
}
