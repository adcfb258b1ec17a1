import {
  type DayWindow,
  dayNumberOf,
  type Holiday,
  localDateOf,
  type Schedule,
  weekdayOf,
} from "@menshen/domain";
import type { ScheduleDay } from "@menshen/wire";

/** What a schedule says on each day of a range, both ends included, and which part of it decided. */
export function scheduleDays(
  schedule: Pick<Schedule, "weekly" | "holidays" | "exceptions">,
  holidays: readonly (Omit<Holiday, "name"> & { readonly name?: string })[],
  range: { readonly from: string; readonly to: string },
): ScheduleDay[] {
  const holidayOn = new Map(holidays.map((holiday) => [holiday.date, holiday]));
  const days: ScheduleDay[] = [];
  for (let day = dayNumberOf(range.from); day <= dayNumberOf(range.to); day += 1) {
    const date = localDateOf(day);
    const holiday = holidayOn.get(date);
    const named = holiday?.name === undefined ? {} : { holidayName: holiday.name };
    const exception = schedule.exceptions.find((candidate) => candidate.date === date);
    const rule = schedule.holidays.find((candidate) => candidate.kind === holiday?.kind);
    if (exception !== undefined)
      days.push({ date, windows: copied(exception.windows), because: "exception", ...named });
    else if (rule !== undefined)
      days.push({ date, windows: copied(rule.windows), because: "holiday", ...named });
    else {
      const windows = schedule.weekly.filter((window) => window.weekday === weekdayOf(day));
      days.push({ date, windows: copied(windows), because: "week", ...named });
    }
  }
  return days;
}

function copied(windows: readonly DayWindow[]): ScheduleDay["windows"] {
  return windows.map(({ startMinute, endMinute }) => ({ startMinute, endMinute }));
}
