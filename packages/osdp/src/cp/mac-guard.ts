/** A session ends after this many forged or damaged secured frames: a MAC has only 32 bits to guess. */
export const MAX_FAILURES_A_SESSION = 3;
/** So many in ten minutes and the peripheral is held off, whatever its sessions look like. */
export const MAX_FAILURES_A_WINDOW = 10;
const WINDOW_MS = 10 * 60_000;

export type GuardVerdict = "tolerate" | "end-session" | "hold-off";

/** Counts frames that failed their MAC and says when enough is enough. */
export interface MacGuard {
  failed(nowMs: number): GuardVerdict;
  sessionBegan(): void;
  /** since the guard was made */
  readonly count: number;
}

export function makeMacGuard(): MacGuard {
  let count = 0;
  let inSession = 0;
  let recentMs: number[] = [];
  return {
    failed(nowMs) {
      count += 1;
      inSession += 1;
      recentMs = [...recentMs.filter((at) => nowMs - at < WINDOW_MS), nowMs];
      if (recentMs.length >= MAX_FAILURES_A_WINDOW) {
        recentMs = [];
        return "hold-off";
      }
      return inSession >= MAX_FAILURES_A_SESSION ? "end-session" : "tolerate";
    },
    sessionBegan() {
      inSession = 0;
    },
    get count() {
      return count;
    },
  };
}
