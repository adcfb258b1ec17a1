import type { TrailEntry } from "../device/device-store.ts";

/** Entries of one local day. */
export interface TrailDay {
  readonly day: string;
  readonly entries: readonly TrailEntry[];
}

/**
 * Entries by local day, in the order they come in.
 *
 * @param dayOf the day of an instant in the community's time zone
 */
export function groupDays(entries: readonly TrailEntry[], dayOf: (at: number) => string): TrailDay[] {
  return [...Map.groupBy(entries, ({ at }) => dayOf(at))].map(([day, ofDay]) => ({ day, entries: ofDay }));
}
