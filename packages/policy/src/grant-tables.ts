import type { TimeInterval } from "@menshen/domain";
import { GRANT_FLAGS } from "./document.ts";
import { rowDate, type SnapshotTables } from "./snapshot.ts";

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

/** From when on a grant by a rule may hold for the credential of a row: the latest of all its beginnings. */
export function startOf(tables: SnapshotTables, grant: number, rule: number, row: number): number {
  const flags = tables.grantFlags[grant] ?? 0;
  let from = tables.ruleFrom[rule] ?? 0;
  if ((flags & GRANT_FLAGS.hasFrom) !== 0) from = Math.max(from, tables.grantFrom[grant] ?? 0);
  if ((flags & GRANT_FLAGS.residencyDates) !== 0) from = Math.max(from, rowDate(tables, row, 2));
  return from;
}

/** Until when it may hold: the earliest of all its ends, exclusive. */
export function endOf(tables: SnapshotTables, grant: number, rule: number, row: number): number {
  const flags = tables.grantFlags[grant] ?? 0;
  let until = tables.ruleUntil[rule] ?? 0;
  if ((flags & GRANT_FLAGS.hasUntil) !== 0) until = Math.min(until, tables.grantUntil[grant] ?? 0);
  if ((flags & GRANT_FLAGS.residencyDates) !== 0) until = Math.min(until, rowDate(tables, row, 3));
  return until;
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
  if (tables.firstGrants.length > 0) {
    return tables.firstGrants[profile * tables.accessPointGrade.length + accessPoint] ?? 0;
  }
  let low = tables.profileStart[profile] ?? 0;
  let high = tables.profileStart[profile + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tables.grantAccessPoint[middle] ?? 0) < accessPoint) low = middle + 1;
    else high = middle;
  }
  return low;
}
