import type { Card } from "./card-row.ts";

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
  card: Card,
  counter: number,
  at: number,
  isTorn: boolean,
  slack: number,
): CounterFinding | undefined {
  const most = card.counterMax;
  const wasTorn = (card.flags & TORN_FLAG) !== 0;
  if (most < 0 || counter > most) {
    const ahead = counter - most;
    card.counterSeen = most < 0 || ahead >= KEPT_VALUES ? 1 : ((card.counterSeen << ahead) | 1) >>> 0;
    card.counterMax = counter;
    card.counterAt = at;
    setTorn(card, isTorn);
    return undefined;
  }
  const behind = most - counter;
  const later = at - card.counterAt;
  const wasSeen = behind < KEPT_VALUES && ((card.counterSeen >>> behind) & 1) === 1;
  if (!wasSeen) {
    if (behind < KEPT_VALUES) {
      card.counterSeen = (card.counterSeen | (1 << behind)) >>> 0;
    }
    return later > slack ? { rule: "R2", behind, seconds: Math.round(later / 10) } : undefined;
  }
  // The write of the use before did not reach the card, or of this one, whose gate's clock is a little ahead.
  const isExcused = behind === 0 && (wasTorn || (isTorn && later <= slack));
  if (behind === 0) setTorn(card, isTorn);
  return isExcused ? undefined : { rule: "R1", behind };
}

/** How many values below `counter`, back to `ahead` before it, were not seen until now; as far as is remembered. */
export function missingBelow(card: Card, counter: number, ahead: number): number {
  const above = card.counterMax - counter;
  if (above < 0) return 0;
  let missing = 0;
  for (let back = above + 1; back < above + ahead; back++) {
    if (back >= KEPT_VALUES) return missing + (above + ahead - back);
    if (((card.counterSeen >>> back) & 1) === 0) missing++;
  }
  return missing;
}

/** A card that was written anew, with a new key version, begins a new count. */
export function forgetCounter(card: Card): void {
  card.counterMax = -1;
  card.counterSeen = 0;
  setTorn(card, false);
}

function setTorn(card: Card, isTorn: boolean): void {
  const flags = card.flags;
  card.flags = isTorn ? flags | TORN_FLAG : flags & ~TORN_FLAG;
}
