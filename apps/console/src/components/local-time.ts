/** Milliseconds by which a zone is ahead of UTC at an instant. */
function offsetMs(epochMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(epochMs);
  const value = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value ?? "0");
  const local = Date.UTC(
    value("year"),
    value("month") - 1,
    value("day"),
    value("hour"),
    value("minute"),
    value("second"),
  );
  return local - Math.floor(epochMs / 1_000) * 1_000;
}

/**
 * The instant of a local date and time in a zone. Of a time that a change of clocks skips, the instant after the
 * skip; of one that occurs twice, the first.
 *
 * @param text `YYYY-MM-DDTHH:MM` or with `:SS`, as `<input type="datetime-local">` gives it
 * @returns undefined if the text is none
 */
export function localDateTimeToEpochMs(text: string, timeZone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return undefined;
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const before = asUtc - offsetMs(asUtc - 86_400_000, timeZone);
  if (before + offsetMs(before, timeZone) === asUtc) return before;
  const after = asUtc - offsetMs(asUtc + 86_400_000, timeZone);
  return after + offsetMs(after, timeZone) === asUtc ? after : before;
}

/** The other way: an instant as `YYYY-MM-DDTHH:MM` local time of a zone. */
export function epochMsToLocalDateTime(epochMs: number, timeZone: string): string {
  return new Date(epochMs + offsetMs(epochMs, timeZone)).toISOString().slice(0, 16);
}
