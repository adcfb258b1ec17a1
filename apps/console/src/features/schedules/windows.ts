import type { ScheduleWindow } from "@menshen/wire";

export const DAY_MINUTES = 1_440;
/** Drawing with the pointer snaps to a quarter of an hour; typing is exact. */
const SNAP_MINUTES = 15;

/** Sorted, with overlapping and touching windows joined and empty ones dropped. */
export function joinWindows(windows: readonly ScheduleWindow[]): ScheduleWindow[] {
  const joined: ScheduleWindow[] = [];
  for (const window of [...windows].sort((a, b) => a.startMinute - b.startMinute)) {
    if (window.endMinute <= window.startMinute) continue;
    const last = joined.at(-1);
    if (last !== undefined && window.startMinute <= last.endMinute) {
      joined[joined.length - 1] = { ...last, endMinute: Math.max(last.endMinute, window.endMinute) };
    } else {
      joined.push({ startMinute: window.startMinute, endMinute: window.endMinute });
    }
  }
  return joined;
}

/** The window between two places on a day's bar, each 0..1 of its width, snapped and at least one step long. */
export function drawnWindow(from: number, to: number): ScheduleWindow {
  const minute = (place: number) =>
    Math.round((Math.min(1, Math.max(0, place)) * DAY_MINUTES) / SNAP_MINUTES) * SNAP_MINUTES;
  const start = Math.min(minute(from), minute(to), DAY_MINUTES - SNAP_MINUTES);
  return { startMinute: start, endMinute: Math.max(minute(from), minute(to), start + SNAP_MINUTES) };
}
