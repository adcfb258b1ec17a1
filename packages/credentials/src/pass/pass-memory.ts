import type { Instant } from "@menshen/domain";

/**
 * Which passes a door group has seen. Kept by the gate; doors of one group at gates that cannot reach each other keep one
 * each, and can each be shown the same pass once within its time.
 */
export interface PassMemory {
  /** What was issued before is refused: the memory does not reach back further. The gate's start, if it is not stored. */
  readonly since: Instant;
  /**
   * Takes a pass, once.
   *
   * @param id what is unique about the pass
   * @param until when its time is over and the memory may let go of it
   * @returns `again` when it was taken before; `full` when there is no room to remember it, which refuses as well
   */
  readonly claim: (id: string, until: Instant, now: Instant) => "first" | "again" | "full";
}

/** More than one door group lets through within the time of a pass. */
const MOST_PASSES = 10_000;

/** A memory in the process. */
export function makePassMemory(since: Instant, most: number = MOST_PASSES): PassMemory {
  const seen = new Map<string, Instant>();
  return {
    since,
    claim(id, until, now) {
      if (seen.has(id)) return "again";
      if (seen.size >= most) {
        for (const [other, end] of seen) if (end < now) seen.delete(other);
        if (seen.size >= most) return "full";
      }
      seen.set(id, until);
      return "first";
    },
  };
}
