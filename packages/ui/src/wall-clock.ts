/** A moment as a wall clock shows it, to the minute. */
export interface WallTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Minute of the day, 0 to 1439. */
  readonly minute: number;
}

const MINUTE_MS = 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock on a wall in that time zone shows; throws `RangeError` for a zone that the runtime does not know. */
export function wallTimeAt(epochMs: number, timeZone: string): WallTime {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(timeZone, format);
  }
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    format.formatToParts(epochMs).find((one) => one.type === type)?.value ?? "";
  return {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    minute: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

/**
 * The moment at which a clock there shows this, in Unix milliseconds: the first of two where clocks are set back, as long
 * after the gap where they are set forward. `NaN` for a date that is none.
 */
export function momentOf({ date, minute }: WallTime, timeZone: string): number {
  const wallMs = Date.parse(`${date}T00:00:00Z`) + minute * MINUTE_MS;
  if (Number.isNaN(wallMs)) return Number.NaN;
  const offsetAt = (epochMs: number) => {
    const shown = wallTimeAt(epochMs, timeZone);
    return Date.parse(`${shown.date}T00:00:00Z`) + shown.minute * MINUTE_MS - epochMs;
  };
  const before = wallMs - offsetAt(wallMs - 86_400_000);
  if (before + offsetAt(before) === wallMs) return before;
  const after = wallMs - offsetAt(before);
  return after + offsetAt(after) === wallMs ? after : before;
}

/** Of a day's windows; where clocks are changed a day is longer or shorter, and its windows are not. */
const DAY_MINUTES = 1_440;

/** `YYYY-MM-DD`, so many days later. */
export function dateAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Monday is 1 and Sunday 7 (ISO 8601). */
export function weekdayOfDate(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** `09:00`; 1440 is `24:00`. */
export function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/** The minute of the day that `HH:MM` says, 0 to 1440 for `24:00`; undefined for any other text. */
export function minuteOfClock(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const minute = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && minute <= DAY_MINUTES ? minute : undefined;
}

/** The same of the end of a window within one day: midnight there is the day's end, and never its beginning. */
export function endOfClock(text: string): number | undefined {
  const minute = minuteOfClock(text);
  return minute === 0 ? DAY_MINUTES : minute;
}

/**
 * The same of a browser's field for a time, which can hold no `24:00`: its last minute stands for the day's end, since
 * nobody means that a window ends one minute before.
 */
export function endOfTimeField(text: string): number | undefined {
  const minute = endOfClock(text);
  return minute === DAY_MINUTES - 1 ? DAY_MINUTES : minute;
}

/** What such a field shows for an end; {@link endOfTimeField} reads it back. */
export function timeFieldOfEnd(minute: number): string {
  return clockText(Math.min(minute, DAY_MINUTES - 1));
}
