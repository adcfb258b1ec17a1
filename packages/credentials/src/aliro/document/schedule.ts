import type { AccessRecurrence, AccessSchedule } from "./access-data.ts";

/**
 * Whether a schedule holds: `unknown` for a recurrence that this code cannot carry out. An allowing schedule counts
 * only when it is `in`, a denying one unless it is `out`.
 */
export type ScheduleState = "in" | "out" | "unknown";

const DAY_S = 86_400;
/** Bit of January in the mask of a yearly pattern. */
const FIRST_MONTH_BIT = 7;
/** How many days back an occurrence may have begun and still last. */
const MAX_LOOK_BACK_DAYS = 400;

/** A day in the calendar; `number` counts from 1970-01-01, weekdays from Monday 0, months from January 0. */
interface CalendarDay {
  readonly number: number;
  readonly weekday: number;
  readonly date: number;
  readonly month: number;
  readonly year: number;
  readonly daysInMonth: number;
}

/**
 * Whether a schedule holds at a moment.
 *
 * @param schedule as the document says it
 * @param atS seconds since 1970-01-01T00:00:00Z
 * @param utcOffsetS how far the door's wall clock is ahead of UTC at that moment, in seconds
 */
export function scheduleState(schedule: AccessSchedule, atS: number, utcOffsetS: number): ScheduleState {
  const wallS = schedule.utc ? atS : atS + utcOffsetS;
  if (wallS < schedule.startS || wallS >= schedule.endS) return "out";
  const { recurrence } = schedule;
  if (recurrence === undefined) return "in";
  const occursOn = occurrenceRule(recurrence, dayOf(Math.floor(schedule.startS / DAY_S)));
  if (occursOn === undefined) return "unknown";

  const timeOfDayS = schedule.startS % DAY_S;
  const today = Math.floor(wallS / DAY_S);
  const lookBack = Math.min(MAX_LOOK_BACK_DAYS, Math.ceil(recurrence.durationS / DAY_S));
  for (let day = today; day >= today - lookBack; day -= 1) {
    const beginS = day * DAY_S + timeOfDayS;
    if (beginS < schedule.startS || beginS > wallS || wallS >= beginS + recurrence.durationS) continue;
    if (occursOn(dayOf(day))) return "in";
  }
  return "out";
}

/** Which days a recurrence names, or `undefined` for a pattern or an ordinal that is not known here. */
function occurrenceRule(
  rule: AccessRecurrence,
  start: CalendarDay,
): ((day: CalendarDay) => boolean) | undefined {
  const { pattern, interval, ordinal, mask } = rule;
  const months = (day: CalendarDay) => (day.year - start.year) * 12 + day.month - start.month;
  const years = (day: CalendarDay) => day.year - start.year;
  const onWeekday = (day: CalendarDay) => ((mask >>> day.weekday) & 1) === 1;
  const inMonth = (day: CalendarDay) => ((mask >>> (FIRST_MONTH_BIT + day.month)) & 1) === 1;
  switch (pattern) {
    case 1:
      return ordinal === 0 && mask === 0 ? (day) => (day.number - start.number) % interval === 0 : undefined;
    case 2:
      // Weeks begin on Monday (RFC 5545 §3.3.10, WKST's default); 1970-01-01 was a Thursday.
      return ordinal === 0 && mask < 0x80
        ? (day) => onWeekday(day) && (weekOf(day) - weekOf(start)) % interval === 0
        : undefined;
    case 3:
      return isOrdinal(ordinal, 5) && mask < 0x80
        ? (day) => onWeekday(day) && months(day) % interval === 0 && isNthWeekday(day, ordinal)
        : undefined;
    case 4:
      if (ordinal === 0) {
        return (day) => ((mask >>> (day.date - 1)) & 1) === 1 && months(day) % interval === 0;
      }
      return isOrdinal(ordinal, 31) && mask < 0x80
        ? (day) => onWeekday(day) && months(day) % interval === 0 && isNthOf(day, ordinal, mask)
        : undefined;
    case 5:
      return isOrdinal(ordinal, 5)
        ? (day) => onWeekday(day) && inMonth(day) && years(day) % interval === 0 && isNthWeekday(day, ordinal)
        : undefined;
    case 6:
      return isOrdinal(ordinal, 31)
        ? (day) =>
            onWeekday(day) && inMonth(day) && years(day) % interval === 0 && isNthOf(day, ordinal, mask)
        : undefined;
    default:
      // 7 and 8 count weeks of a year and of a month; from which day on, no source at hand says.
      return undefined;
  }
}

function isOrdinal(ordinal: number, most: number): boolean {
  return ordinal !== 0 && Math.abs(ordinal) <= most;
}

/** The first, second … Monday (or whichever day it is) of its month; negative ones count from its end. */
function isNthWeekday(day: CalendarDay, ordinal: number): boolean {
  const fromStart = Math.ceil(day.date / 7);
  const fromEnd = Math.ceil((day.daysInMonth - day.date + 1) / 7);
  return ordinal > 0 ? fromStart === ordinal : fromEnd === -ordinal;
}

/** The first, second … of all days of its month that fall on a weekday of the mask. */
function isNthOf(day: CalendarDay, ordinal: number, mask: number): boolean {
  const [from, to] = ordinal > 0 ? [1, day.date] : [day.date, day.daysInMonth];
  let count = 0;
  for (let date = from; date <= to; date += 1) {
    const weekday = (((day.weekday + date - day.date) % 7) + 7) % 7;
    if (((mask >>> weekday) & 1) === 1) count += 1;
  }
  return count === Math.abs(ordinal);
}

function weekOf(day: CalendarDay): number {
  return Math.floor((day.number + 3) / 7);
}

function dayOf(number: number): CalendarDay {
  const date = new Date(number * DAY_S * 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return {
    number,
    weekday: (((number + 3) % 7) + 7) % 7,
    date: date.getUTCDate(),
    month,
    year,
    daysInMonth: new Date(Date.UTC(year, month + 1, 0)).getUTCDate(),
  };
}
