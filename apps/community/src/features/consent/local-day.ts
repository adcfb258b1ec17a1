import { localDays } from "../trail/index.ts";

const HOUR_MS = 3_600_000;

/** The date on the community's calendar, `YYYY-MM-DD`. */
export function localDateAt(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(at);
}

/** The midnight with which a date begins where the community is. */
export function startOfDate(timeZone: string, date: string): number {
  const noon = Date.parse(`${date}T12:00:00Z`);
  // East of UTC+12 noon in Greenwich is the next day already.
  const inside = localDateAt(timeZone, noon) === date ? noon : noon - 3 * HOUR_MS;
  return localDays(timeZone, inside, 1)[0]?.[0] ?? inside;
}
