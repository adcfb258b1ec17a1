/** A gate that claims a time further ahead than this is not followed: its clock is wrong, and its records would win. */
export const MOST_AHEAD_MS = 2 * 60 * 60 * 1_000;

/**
 * The time of a site: the furthest of its gates' clocks, running on at each gate by its own steady clock while it hears
 * nobody. So events keep their order across gates whose clocks differ, also those of a time when they could not hear each
 * other, as long as they heard each other before. It serves order and ages only; no journal or schedule sees it.
 */
export interface SiteClock {
  /** Site time at a local time. */
  readonly at: (nowMs: number) => number;
  /** Site time for a new record: later than everything known. */
  readonly stamp: (nowMs: number) => number;
  /**
   * Hears another gate's site time, or the time of a record. False if it is too far ahead: then nothing changes, and
   * whatever came with it is to be refused.
   */
  readonly hear: (siteMs: number, nowMs: number) => boolean;
  /** How far site time is ahead of the local clock. */
  readonly aheadMs: () => number;
}

/** `aheadMs` as it was kept over a restart. */
export function makeSiteClock(aheadMs: number): SiteClock {
  let ahead = Math.min(Math.max(0, aheadMs), MOST_AHEAD_MS);
  let lastMs = Number.NEGATIVE_INFINITY;
  const at = (nowMs: number) => Math.max(nowMs + ahead, lastMs);
  const hear = (siteMs: number, nowMs: number) => {
    if (!Number.isSafeInteger(siteMs) || siteMs - at(nowMs) > MOST_AHEAD_MS) return false;
    ahead = Math.max(ahead, siteMs - nowMs);
    lastMs = Math.max(lastMs, siteMs);
    return true;
  };
  return {
    at,
    hear,
    stamp: (nowMs) => {
      lastMs = Math.max(nowMs + ahead, lastMs + 1);
      return lastMs;
    },
    aheadMs: () => ahead,
  };
}
