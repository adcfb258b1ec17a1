/** A phone makes a new code this often: well within the 25 s that one holds. */
export const ROTATE_EVERY_MS = 10_000;

/** A code, and when it was made. */
export interface ShownCode {
  readonly text: string;
  /** Unix milliseconds. */
  readonly madeAt: number;
}

/** Whole seconds until the next code; 0 when it is due, also after a clock that was set. */
export function secondsLeft(code: ShownCode, now: number): number {
  const ageMs = now - code.madeAt;
  if (ageMs < 0 || ageMs >= ROTATE_EVERY_MS) return 0;
  return Math.ceil((ROTATE_EVERY_MS - ageMs) / 1_000);
}
