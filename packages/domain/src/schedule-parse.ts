import { DomainError } from "./errors.ts";
import { ScheduleId } from "./ids.ts";
import { parseLocalDate } from "./local-date.ts";
import { readList, readRecord, readText, readWhole } from "./reading.ts";
import type { DayWindow, Holiday, Schedule, Weekday, WeeklyWindow } from "./schedule.ts";

const CODE = "invalid-schedule";
const MINUTES_A_DAY = 1440;
const MOST_WINDOWS_A_DAY = 48;
const MOST_HOLIDAY_KINDS = 32;
/** Ten years of days. */
const MOST_DATES = 3660;
const WEEK: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];

/**
 * Parses a schedule: windows within 0..1440 with start before end and none overlapping on one day, real dates, every
 * date and holiday kind once. Windows come back sorted. Throws `DomainError` with `invalid-schedule` or `invalid-id`.
 */
export function parseSchedule(value: unknown): Schedule {
  const fields = readRecord(CODE, "schedule", value);
  return {
    id: ScheduleId(readText(CODE, "schedule id", fields.id, 36)),
    name: readText(CODE, "schedule name", fields.name, 200),
    weekly: parseWeeklyWindows(fields.weekly),
    holidays: parseHolidayRules(fields.holidays),
    exceptions: parseExceptions(fields.exceptions),
  };
}

/** Parses the windows of one day: 0..1440, start before end, none overlapping; they may touch. Sorted on return. */
export function parseDayWindows(value: unknown): readonly DayWindow[] {
  const windows = readList(CODE, "windows", value, MOST_WINDOWS_A_DAY).map(parseWindow);
  return withoutOverlap(windows);
}

/** Parses weekly windows, each with its weekday 1..7; as `parseDayWindows` for each weekday. */
export function parseWeeklyWindows(value: unknown): readonly WeeklyWindow[] {
  const windows = readList(CODE, "weekly windows", value, 7 * MOST_WINDOWS_A_DAY).map((entry) => {
    const fields = readRecord(CODE, "weekly window", entry);
    const weekday = WEEK[readWhole(CODE, "weekday", fields.weekday, 1, 7) - 1] ?? 1;
    return { weekday, ...parseWindow(entry) };
  });
  return WEEK.flatMap((weekday) => withoutOverlap(windows.filter((window) => window.weekday === weekday)));
}

/** Parses the community's calendar; a date has one kind only. Sorted by date on return. */
export function parseHolidays(value: unknown): readonly Holiday[] {
  const holidays = readList(CODE, "holidays", value, MOST_DATES).map((entry) => {
    const fields = readRecord(CODE, "holiday", entry);
    return {
      date: parseLocalDate(fields.date),
      kind: parseHolidayKind(fields.kind),
      name: readText(CODE, "holiday name", fields.name, 200),
    };
  });
  return uniqueBy(holidays, (holiday) => holiday.date, "holiday");
}

function parseHolidayKind(value: unknown): string {
  const kind = readText(CODE, "holiday kind", value, 64);
  if (!/^[a-z0-9][a-z0-9-]*$/.test(kind)) {
    throw new DomainError(CODE, `holiday kind: expected lower-case words with hyphens, came \`${kind}\``);
  }
  return kind;
}

function parseHolidayRules(value: unknown): Schedule["holidays"] {
  const rules = readList(CODE, "holiday rules", value, MOST_HOLIDAY_KINDS).map((entry) => {
    const fields = readRecord(CODE, "holiday rule", entry);
    return { kind: parseHolidayKind(fields.kind), windows: parseDayWindows(fields.windows) };
  });
  return uniqueBy(rules, (rule) => rule.kind, "holiday rule");
}

function parseExceptions(value: unknown): Schedule["exceptions"] {
  const exceptions = readList(CODE, "exceptions", value, MOST_DATES).map((entry) => {
    const fields = readRecord(CODE, "exception", entry);
    return { date: parseLocalDate(fields.date), windows: parseDayWindows(fields.windows) };
  });
  return uniqueBy(exceptions, (exception) => exception.date, "exception");
}

function parseWindow(value: unknown): DayWindow {
  const fields = readRecord(CODE, "window", value);
  const startMinute = readWhole(CODE, "window start", fields.startMinute, 0, MINUTES_A_DAY - 1);
  const endMinute = readWhole(CODE, "window end", fields.endMinute, 1, MINUTES_A_DAY);
  if (startMinute >= endMinute) {
    throw new DomainError(
      CODE,
      `window: expected the start before the end, came \`${startMinute}\` and \`${endMinute}\``,
    );
  }
  return { startMinute, endMinute };
}

function withoutOverlap<Window extends DayWindow>(windows: readonly Window[]): readonly Window[] {
  const sorted = windows.toSorted((a, b) => a.startMinute - b.startMinute);
  for (const [index, window] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && before.endMinute > window.startMinute) {
      throw new DomainError(
        CODE,
        `windows: \`${before.startMinute}-${before.endMinute}\` and \`${window.startMinute}-${window.endMinute}\` overlap`,
      );
    }
  }
  return sorted;
}

function uniqueBy<Entry>(entries: readonly Entry[], keyOf: (entry: Entry) => string, what: string): Entry[] {
  const sorted = entries.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const [index, entry] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && keyOf(before) === keyOf(entry)) {
      throw new DomainError(CODE, `${what}: \`${keyOf(entry)}\` stands twice`);
    }
  }
  return sorted;
}
