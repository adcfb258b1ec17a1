const WORD_JOINER = "\u2060";

/** The day (UTC) of an instant in Unix milliseconds, as YYYY-MM-DD. */
export function dayOf(epochMs: number): string {
  return onOneLine(new Date(epochMs).toISOString().slice(0, 10));
}

/** A day that is never broken behind one of its hyphens, however narrow the page. */
export function onOneLine(day: string): string {
  return day.replaceAll("-", `-${WORD_JOINER}`);
}
