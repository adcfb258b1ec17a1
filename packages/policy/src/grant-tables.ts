import type { TimeInterval } from "@menshen/domain";
import { GRANT_FLAGS } from "./document.ts";
import type { SnapshotTables } from "./snapshot.ts";

/** Highest lockdown level at which a grant still passes. */
export function passingLevel(tables: SnapshotTables, rule: number, flags: number): number {
  if (tables.ruleOverrides[rule] === 1) return 2;
  return (flags & GRANT_FLAGS.resident) !== 0 ? 1 : 0;
}

/** True if `from` ≤ t < `until` throughout `now`. A clock behind the snapshot proves nothing about dates. */
export function holds(from: number, until: number, now: TimeInterval, isClockBehind: boolean): boolean {
  if (from === Number.NEGATIVE_INFINITY && until === Number.POSITIVE_INFINITY) return true;
  return !isClockBehind && from <= now.earliest && now.latest < until;
}

/** Rank of the weakest cap on a kind that is or may be in force; −1 if none is. */
export function capOf(tables: SnapshotTables, kind: number, latest: number): number {
  let rank = -1;
  for (let cap = 0; cap < tables.capKind.length; cap++) {
    if (tables.capKind[cap] !== kind || (tables.capFrom[cap] ?? 0) > latest) continue;
    rank = Math.max(rank, tables.capGrade[cap] ?? 0);
  }
  return rank;
}

/** Position of a profile's first grant at an access point; grants of a profile are sorted by access point. */
export function firstGrant(tables: SnapshotTables, profile: number, accessPoint: number): number {
  let low = tables.profileStart[profile] ?? 0;
  let high = tables.profileStart[profile + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tables.grantAccessPoint[middle] ?? 0) < accessPoint) low = middle + 1;
    else high = middle;
  }
  return low;
}
