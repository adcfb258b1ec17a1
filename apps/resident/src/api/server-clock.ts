/** A difference below this is nobody's concern: a pass holds 5 s before its second and 25 s behind it. */
export const CLOCK_TOLERANCE_MS = 4_000;

/** What one answer tells of this device's clock: how far it is ahead, at least and at most. */
export interface ClockDifference {
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * Compares this device's clock with the server's `Date` of an answer, which counts whole seconds and was written some time
 * between asking and having the answer.
 *
 * @returns how far this device is ahead; `undefined` without a date
 */
export function clockDifference(
  date: string | null,
  askedAt: number,
  answeredAt: number,
): ClockDifference | undefined {
  const serverMs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(serverMs)) return undefined;
  return { leastMs: askedAt - (serverMs + 1_000), mostMs: answeredAt - serverMs };
}

/** Seconds by which this device is surely ahead (behind, below 0); 0 within the tolerance or where it is not sure. */
export function surelyAheadS({ leastMs, mostMs }: ClockDifference): number {
  if (leastMs > CLOCK_TOLERANCE_MS) return Math.round(leastMs / 1_000);
  if (mostMs < -CLOCK_TOLERANCE_MS) return Math.round(mostMs / 1_000);
  return 0;
}

let aheadS = 0;
const listeners = new Set<() => void>();

/** Told of every answer of the server. */
export function noteAnswerDate(date: string | null, askedAt: number, answeredAt: number): void {
  const difference = clockDifference(date, askedAt, answeredAt);
  const next = difference === undefined ? aheadS : surelyAheadS(difference);
  if (next === aheadS) return;
  aheadS = next;
  for (const listener of listeners) listener();
}

/** Calls back whenever {@link clockAheadS} changes; gives the end of it. */
export function onClockNews(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** As the last answer told, see {@link surelyAheadS}. */
export function clockAheadS(): number {
  return aheadS;
}
