import { Instant, type TimeInterval } from "@menshen/domain";
import type { Snapshot } from "./snapshot.ts";

const DAY_S = 86_400;

/**
 * What a schedule says over an interval of time: `open` or `closed` throughout; `unclear` if it changes within, or the
 * clock stands before the snapshot was made; `outlived` if the snapshot does not know that time.
 */
export type ScheduleState = "open" | "closed" | "unclear" | "outlived";

/** True if the schedule is known to hold throughout `now`. Allocates nothing. */
export function scheduleHolds(snapshot: Snapshot, schedule: number, now: TimeInterval): boolean {
  return scheduleState(snapshot, schedule, now) === "open";
}

export function scheduleState(snapshot: Snapshot, schedule: number, now: TimeInterval): ScheduleState {
  if (now.latest >= snapshot.until) return "outlived";
  if (now.earliest < snapshot.from) return "unclear";
  const { opens, closes, scheduleStart } = snapshot.tables;
  const earliest = (now.earliest - snapshot.from) / 1000;
  const latest = (now.latest - snapshot.from) / 1000;
  const next = nextOpening(snapshot, schedule, now.earliest);
  const isOpen = next > (scheduleStart[schedule] ?? 0) && earliest < (closes[next - 1] ?? 0);
  if (isOpen) return latest < (closes[next - 1] ?? 0) ? "open" : "unclear";
  const isStillClosed = next === (scheduleStart[schedule + 1] ?? 0) || latest < (opens[next] ?? 0);
  return isStillClosed ? "closed" : "unclear";
}

/** When the schedule opens next after `at`, if within the snapshot's life. */
export function opensAfter(snapshot: Snapshot, schedule: number, at: number): Instant | undefined {
  const next = nextOpening(snapshot, schedule, at);
  if (next === (snapshot.tables.scheduleStart[schedule + 1] ?? 0)) return undefined;
  return Instant(snapshot.from + (snapshot.tables.opens[next] ?? 0) * 1000);
}

/** When the schedule opens or closes next after `at`, if within the snapshot's life. */
export function changesAfter(snapshot: Snapshot, schedule: number, at: number): Instant | undefined {
  const { closes, scheduleStart } = snapshot.tables;
  const next = nextOpening(snapshot, schedule, at);
  if (next > (scheduleStart[schedule] ?? 0)) {
    const closesAt = snapshot.from + (closes[next - 1] ?? 0) * 1000;
    // The last interval may end only because the table does.
    if (at < closesAt) return closesAt < snapshot.until ? Instant(closesAt) : undefined;
  }
  return opensAfter(snapshot, schedule, at);
}

/** Position of the schedule's first interval that opens after `at`. */
function nextOpening(snapshot: Snapshot, schedule: number, at: number): number {
  const { opens, dayStart, dayCount } = snapshot.tables;
  const seconds = (at - snapshot.from) / 1000;
  const day = Math.min(Math.max(Math.floor(seconds / DAY_S), 0), dayCount - 1);
  const place = schedule * (dayCount + 1) + day;
  const end = dayStart[place + 1] ?? 0;
  let next = dayStart[place] ?? 0;
  while (next < end && (opens[next] ?? 0) <= seconds) next += 1;
  return next;
}
