import type { Chunk } from "./credential-table.ts";

/** Values remembered below the largest. */
const KEPT_VALUES = 32;
const TORN_FLAG = 1;

export type CounterFinding =
  | { readonly rule: "R1"; readonly behind: number }
  | { readonly rule: "R2"; readonly behind: number; readonly seconds: number };

/**
 * R1 and R2: whether a counter that came at `at` (tenths of seconds) fits what was seen before. Returns undefined if it does.
 *
 * A value that came before is a copy's, whatever the clocks say; unless the use before it was torn. A value that was
 * left out before may come late, within `slack`: another gate's clock may be wrong. Behind that it is a branch.
 */
export function judgeCounter(
  chunk: Chunk,
  offset: number,
  counter: number,
  at: number,
  isTorn: boolean,
  slack: number,
): CounterFinding | undefined {
  const most = chunk.counterMax[offset] ?? -1;
  const wasTorn = ((chunk.flags[offset] ?? 0) & TORN_FLAG) !== 0;
  if (most < 0 || counter > most) {
    const ahead = counter - most;
    chunk.counterSeen[offset] =
      most < 0 || ahead >= KEPT_VALUES ? 1 : (((chunk.counterSeen[offset] ?? 0) << ahead) | 1) >>> 0;
    chunk.counterMax[offset] = counter;
    chunk.counterAt[offset] = at;
    setTorn(chunk, offset, isTorn);
    return undefined;
  }
  const behind = most - counter;
  const later = at - (chunk.counterAt[offset] ?? 0);
  const wasSeen = behind < KEPT_VALUES && (((chunk.counterSeen[offset] ?? 0) >>> behind) & 1) === 1;
  if (!wasSeen) {
    if (behind < KEPT_VALUES) {
      chunk.counterSeen[offset] = ((chunk.counterSeen[offset] ?? 0) | (1 << behind)) >>> 0;
    }
    return later > slack ? { rule: "R2", behind, seconds: Math.round(later / 10) } : undefined;
  }
  // The write of the use before did not reach the card, or of this one, whose gate's clock is a little ahead.
  const isExcused = behind === 0 && (wasTorn || (isTorn && later <= slack));
  if (behind === 0) setTorn(chunk, offset, isTorn);
  return isExcused ? undefined : { rule: "R1", behind };
}

/** How many values below `counter`, back to `ahead` before it, were not seen until now; as far as is remembered. */
export function missingBelow(chunk: Chunk, offset: number, counter: number, ahead: number): number {
  const above = (chunk.counterMax[offset] ?? -1) - counter;
  if (above < 0) return 0;
  let missing = 0;
  for (let back = above + 1; back < above + ahead; back++) {
    if (back >= KEPT_VALUES) return missing + (above + ahead - back);
    if ((((chunk.counterSeen[offset] ?? 0) >>> back) & 1) === 0) missing++;
  }
  return missing;
}

/** A card that was written anew, with a new key version, begins a new count. */
export function forgetCounter(chunk: Chunk, offset: number): void {
  chunk.counterMax[offset] = -1;
  chunk.counterSeen[offset] = 0;
  setTorn(chunk, offset, false);
}

function setTorn(chunk: Chunk, offset: number, isTorn: boolean): void {
  const flags = chunk.flags[offset] ?? 0;
  chunk.flags[offset] = isTorn ? flags | TORN_FLAG : flags & ~TORN_FLAG;
}
