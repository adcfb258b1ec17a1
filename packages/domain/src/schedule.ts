import type { ScheduleId } from "./ids.ts";

/** Monday is 1 and Sunday 7 (ISO 8601). */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** `startMinute` ≤ minute of the day < `endMinute`, 0..1440, local time of the community. Overnight is two windows. */
export interface DayWindow {
  readonly startMinute: number;
  readonly endMinute: number;
}

export interface WeeklyWindow extends DayWindow {
  readonly weekday: Weekday;
}

/** A local calendar date, `YYYY-MM-DD`. */
export type LocalDate = string;

/**
 * When something holds. For a date, the first that applies decides: an exception for that date, the rule for that
 * date's holiday kind, the weekly windows.
 */
export interface Schedule {
  readonly id: ScheduleId;
  readonly name: string;
  readonly weekly: readonly WeeklyWindow[];
  /** Windows on days of a holiday kind; an empty list means closed all day; a kind not listed follows the week. */
  readonly holidays: readonly { readonly kind: string; readonly windows: readonly DayWindow[] }[];
  readonly exceptions: readonly { readonly date: LocalDate; readonly windows: readonly DayWindow[] }[];
}

/** The community's calendar of holidays; `kind` is e.g. `public` or `make-up-workday`. */
export interface Holiday {
  readonly date: LocalDate;
  readonly kind: string;
  readonly name: string;
}
