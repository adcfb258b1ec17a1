import { DomainError } from "./errors.ts";
import { refuse } from "./reading.ts";
import type { LocalDate, Weekday } from "./schedule.ts";

const DAY_MS = 86_400_000;
const PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Parses `YYYY-MM-DD`, a real date of the Gregorian calendar; throws `DomainError("invalid-schedule")`. */
export function parseLocalDate(value: unknown): LocalDate {
  if (typeof value !== "string") refuse("invalid-schedule", "date", "YYYY-MM-DD", value);
  dayNumberOf(value);
  return value;
}

/** Days from 1970-01-01 to a local date; throws `DomainError("invalid-schedule")` if it is not a real date. */
export function dayNumberOf(date: LocalDate): number {
  const parts = PATTERN.exec(date);
  if (parts !== null) {
    const atMs = Date.parse(`${date}T00:00:00Z`);
    // Date.parse rolls 02-30 over into March; only a real date comes back as it went in.
    if (!Number.isNaN(atMs) && new Date(atMs).toISOString().slice(0, 10) === date) return atMs / DAY_MS;
  }
  throw new DomainError(
    "invalid-schedule",
    `date: expected a real YYYY-MM-DD, came \`${date.slice(0, 16)}\``,
  );
}

/** The local date that lies `dayNumber` days after 1970-01-01, for years 0000 to 9999. */
export function localDateOf(dayNumber: number): LocalDate {
  if (!Number.isInteger(dayNumber) || dayNumber < -719_528 || dayNumber > 2_932_896) {
    throw new DomainError(
      "invalid-schedule",
      `day number: expected a day of years 0 to 9999, came \`${dayNumber}\``,
    );
  }
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

const WEEKDAYS: readonly Weekday[] = [4, 5, 6, 7, 1, 2, 3];

/** The weekday of a day number; 1970-01-01 was a Thursday. */
export function weekdayOf(dayNumber: number): Weekday {
  return WEEKDAYS[((dayNumber % 7) + 7) % 7] ?? 1;
}
