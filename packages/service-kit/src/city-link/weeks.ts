const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** The Monday (UTC) of the week of an instant, `YYYY-MM-DD`. */
export function weekOf(epochMs: number): string {
  const week = Math.floor((epochMs - FIRST_MONDAY_MS) / WEEK_MS);
  return new Date(FIRST_MONDAY_MS + week * WEEK_MS).toISOString().slice(0, 10);
}

/** The Monday so many weeks before another; `undefined` unless `week` is a Monday as {@link weekOf} writes it. */
export function weeksBefore(week: string, weeks: number): string | undefined {
  const at = Date.parse(`${week}T00:00:00Z`);
  if (!Number.isFinite(at) || weekOf(at) !== week) return undefined;
  return weekOf(at - weeks * WEEK_MS);
}
