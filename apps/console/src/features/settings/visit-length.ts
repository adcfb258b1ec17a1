const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** The longest that a form in whole days may set, see `PassSettings`. */
export const LONGEST_VISIT_DAYS = 90;

/** A length in the largest unit of which it is a whole number; minutes are rounded. */
export function visitLength(lengthS: number): {
  readonly unit: "days" | "hours" | "minutes";
  readonly count: number;
} {
  if (lengthS % DAY_S === 0) return { unit: "days", count: lengthS / DAY_S };
  if (lengthS % HOUR_S === 0) return { unit: "hours", count: lengthS / HOUR_S };
  return { unit: "minutes", count: Math.round(lengthS / MINUTE_S) };
}

/** What a form in days begins with: no shorter than what holds now. */
export function wholeDays(lengthS: number): number {
  return Math.ceil(lengthS / DAY_S);
}

/** @returns seconds; what holds now where its number of days was left alone, so that 36 hours do not become two days */
export function visitLengthS(days: number, nowS: number): number {
  return days === wholeDays(nowS) ? nowS : days * DAY_S;
}
