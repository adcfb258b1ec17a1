import { dayNumberOf, type Holiday, type Schedule, type Weekday, weekdayOf } from "@menshen/domain";
import type { ScheduleEntry, WindowEntry } from "./document.ts";
import type { IntervalSet } from "./intervals.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const WEEK: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];

/** What a schedule holds on each weekday and on each special day, without its id. */
export type ScheduleDays = Omit<ScheduleEntry, "id">;

/**
 * Resolves holidays and exceptions to dates, so that a gate needs no calendar: an exception decides a date, else the
 * rule for that date's holiday kind, else the week. Days outside `firstDay`..`lastDay` are left out.
 */
export function resolveDays(
  schedule: Omit<Schedule, "name" | "id">,
  holidays: readonly Omit<Holiday, "name">[],
  firstDay: number,
  lastDay: number,
): ScheduleDays {
  const windowsOfKind = new Map(schedule.holidays.map((rule) => [rule.kind, rule.windows]));
  const dates = new Map<number, readonly WindowEntry[]>();
  for (const { date, kind } of holidays) {
    const windows = windowsOfKind.get(kind);
    if (windows !== undefined) dates.set(dayNumberOf(date), windowEntries(windows));
  }
  for (const { date, windows } of schedule.exceptions) dates.set(dayNumberOf(date), windowEntries(windows));
  return {
    weekly: WEEK.map((weekday) =>
      windowEntries(schedule.weekly.filter((window) => window.weekday === weekday)),
    ),
    dates: [...dates].filter(([day]) => day >= firstDay && day <= lastDay).sort((a, b) => a[0] - b[0]),
  };
}

function windowEntries(
  windows: readonly { startMinute: number; endMinute: number }[],
): readonly WindowEntry[] {
  return windows.map((window) => [window.startMinute, window.endMinute] as const).sort((a, b) => a[0] - b[0]);
}

/**
 * The instants `from` ≤ t < `until` at which a schedule holds: windows are read on the local wall clock, so an hour
 * that comes twice counts twice and one that is left out never comes. `transitions`: `[since, offset in seconds]`.
 */
export function openIntervals(
  days: ScheduleDays,
  transitions: readonly (readonly [number, number])[],
  from: number,
  until: number,
): IntervalSet {
  const special = new Map(days.dates);
  const open: number[] = [];
  for (const [index, [since, offsetSeconds]] of transitions.entries()) {
    const start = Math.max(since, from);
    const end = Math.min(transitions[index + 1]?.[0] ?? until, until);
    if (start >= end) continue;
    const offsetMs = offsetSeconds * 1000;
    const lastDay = Math.floor((end - 1 + offsetMs) / DAY_MS);
    for (let day = Math.floor((start + offsetMs) / DAY_MS); day <= lastDay; day++) {
      const windows = special.get(day) ?? days.weekly[weekdayOf(day) - 1] ?? [];
      for (const [startMinute, endMinute] of windows) {
        const opens = Math.max(day * DAY_MS + startMinute * MINUTE_MS - offsetMs, start);
        const closes = Math.min(day * DAY_MS + endMinute * MINUTE_MS - offsetMs, end);
        if (opens < closes) append(open, opens, closes);
      }
    }
  }
  return open;
}

/** Adds an interval that begins at or after the last one's end; touching ones become one. */
function append(open: number[], opens: number, closes: number): void {
  if (open.at(-1) === opens) open[open.length - 1] = closes;
  else open.push(opens, closes);
}
