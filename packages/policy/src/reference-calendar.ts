import {
  type DayWindow,
  dayNumberOf,
  Instant,
  localDateOf,
  type Schedule,
  type ScheduleId,
  type TimeInterval,
  weekdayOf,
} from "@menshen/domain";
import type { CommunityModel } from "./model.ts";

const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1440;

export interface ScheduleAnswer {
  readonly state: "open" | "closed" | "unclear" | "outlived";
  /** If closed: when it opens next, unless the life ends first. */
  readonly opens?: Instant;
}

/** Answers what a schedule says, by looking at the wall clock instant by instant. */
export interface ReferenceCalendar {
  readonly over: (scheduleId: ScheduleId, now: TimeInterval) => ScheduleAnswer;
}

interface WallClock {
  readonly date: string;
  readonly minute: number;
}

/**
 * The calendar of a model within `life`. Asks the machine's zone data for the local time of every instant it looks
 * at, and looks at every instant at which the local clock shows the edge of a window or of a day.
 */
export function referenceCalendar(
  model: CommunityModel,
  life: { readonly from: Instant; readonly until: Instant },
): ReferenceCalendar {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: model.timeZone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  const clockAt = (atMs: number): WallClock => {
    // sv-SE writes `2026-11-22 08:00:00`.
    const [date = "", time = ""] = format.format(atMs).split(" ");
    const [hour = "0", minute = "0"] = time.split(":");
    return { date, minute: Number(hour) * 60 + Number(minute) };
  };

  const isOpen = (schedule: Omit<Schedule, "name">, atMs: number): boolean => {
    const { date, minute } = clockAt(atMs);
    return windowsOn(model, schedule, date).some(
      ({ startMinute, endMinute }) => startMinute <= minute && minute < endMinute,
    );
  };

  /** The next instant worth a look. Zones of our time are off UTC by whole minutes, so minutes begin together. */
  const nextLook = (schedule: Omit<Schedule, "name">, atMs: number): number => {
    const { date, minute } = clockAt(atMs);
    const edges = windowsOn(model, schedule, date).flatMap(({ startMinute, endMinute }) => [
      startMinute,
      endMinute,
    ]);
    const edge = Math.min(MINUTES_A_DAY, ...edges.filter((each) => each > minute));
    const beginOfMinute = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const jump = beginOfMinute + (edge - minute) * MINUTE_MS;
    const there = clockAt(jump);
    const isThere =
      edge === MINUTES_A_DAY
        ? there.minute === 0 && there.date === localDateOf(dayNumberOf(date) + 1)
        : there.minute === edge && there.date === date;
    // If the clock is changed in between, go on minute by minute.
    return isThere ? jump : beginOfMinute + MINUTE_MS;
  };

  return {
    over(scheduleId, now) {
      const schedule = model.schedules.find(({ id }) => id === scheduleId);
      if (schedule === undefined) return { state: "closed" };
      if (now.latest >= life.until) return { state: "outlived" };
      if (now.earliest < life.from) return { state: "unclear" };
      const open = isOpen(schedule, now.earliest);
      let at = nextLook(schedule, now.earliest);
      for (; at <= now.latest; at = nextLook(schedule, at)) {
        if (isOpen(schedule, at) !== open) return { state: "unclear" };
      }
      if (open) return { state: "open" };
      for (; at < life.until; at = nextLook(schedule, at)) {
        if (isOpen(schedule, at)) return { state: "closed", opens: Instant(at) };
      }
      return { state: "closed" };
    },
  };
}

function windowsOn(
  model: CommunityModel,
  schedule: Omit<Schedule, "name">,
  date: string,
): readonly DayWindow[] {
  const exception = schedule.exceptions.find((each) => each.date === date);
  if (exception !== undefined) return exception.windows;
  const kind = model.holidays.find((holiday) => holiday.date === date)?.kind;
  const ofKind = schedule.holidays.find((rule) => rule.kind === kind);
  if (ofKind !== undefined) return ofKind.windows;
  const weekday = weekdayOf(dayNumberOf(date));
  return schedule.weekly.filter((window) => window.weekday === weekday);
}
