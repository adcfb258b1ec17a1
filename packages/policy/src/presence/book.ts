import type { AreaId, GateId, Holder } from "@menshen/domain";
import type { DoorPlan, RuledArea } from "./plan.ts";
import {
  type CountCorrection,
  compareStamps,
  laterCorrection,
  laterWhereabouts,
  type PresenceDelta,
  type Stamp,
  unseenOf,
  type Whereabouts,
} from "./records.ts";

/** Persons that a gate keeps in mind; beyond, those seen longest ago are forgotten first, and count as never seen. */
export const MOST_HOLDERS = 200_000;
const MOST_CORRECTIONS = 1_024;
/** Forgetting sorts all records, so it is done for many at once. */
const SLACK = 16;

/** What a gate knows of where persons are. Times are site times. */
export interface PresenceBook {
  /** Where a person is and since when; undefined if that is not known, or not any more. */
  readonly locate: (plan: DoorPlan, holder: Holder, siteMs: number) => Located | undefined;
  readonly occupancy: (plan: DoorPlan, area: RuledArea, siteMs: number) => number;
  readonly hasStaff: (plan: DoorPlan, area: RuledArea, siteMs: number) => boolean;
  /** Everybody whose place is known, and what guards counted, by area; only areas with somebody in them. */
  readonly muster: (plan: DoorPlan, siteMs: number) => readonly MusterEntry[];
  /** Notes a move, and that whoever was not known inside until now is one of those a guard counted. */
  readonly move: (plan: DoorPlan, move: RecordedMove, stamp: Stamp) => PresenceDelta;
  readonly record: (delta: PresenceDelta, siteMs: number, presenceMs: number) => void;
  readonly of: (holder: Holder) => Whereabouts | undefined;
  readonly all: () => PresenceDelta;
}

export interface Located {
  readonly areaId: AreaId;
  readonly atMs: number;
}

export interface MusterEntry {
  readonly areaId: AreaId;
  readonly holders: readonly Holder[];
  /** Of a guard's count, and not seen again since. */
  readonly unnamed: number;
}

export interface RecordedMove {
  readonly holder: Holder;
  readonly fromAreaId: AreaId;
  readonly toAreaId: AreaId;
  readonly isStaff: boolean;
}

export function makePresenceBook(mostHolders = MOST_HOLDERS): PresenceBook {
  const holders = new Map<Holder, Whereabouts>();
  const byArea = new Map<AreaId, Set<Holder>>();
  const corrections = new Map<AreaId, CountCorrection>();

  const forget = (record: Whereabouts) => {
    holders.delete(record.holder);
    if (record.areaId !== null) byArea.get(record.areaId)?.delete(record.holder);
  };
  const keep = (record: Whereabouts) => {
    const known = holders.get(record.holder);
    if (known !== undefined) {
      if (laterWhereabouts(known, record) === known) return;
      forget(known);
    }
    holders.set(record.holder, record);
    if (record.areaId === null) return;
    const there = byArea.get(record.areaId);
    if (there === undefined) byArea.set(record.areaId, new Set([record.holder]));
    else there.add(record.holder);
  };
  const keepCorrection = (correction: CountCorrection) => {
    const known = corrections.get(correction.areaId);
    corrections.set(correction.areaId, known === undefined ? correction : laterCorrection(known, correction));
    if (corrections.size <= MOST_CORRECTIONS) return;
    const [oldest] = [...corrections.values()].sort(compareStamps);
    if (oldest !== undefined) corrections.delete(oldest.areaId);
  };
  const forgetOldest = (isDead: (record: Stamp) => boolean) => {
    if (holders.size <= mostHolders + Math.ceil(mostHolders / SLACK)) return;
    for (const record of holders.values()) if (isDead(record)) forget(record);
    const surplus = holders.size - mostHolders;
    if (surplus <= 0) return;
    for (const record of [...holders.values()].sort(compareStamps).slice(0, surplus)) forget(record);
  };

  /** Counts in force, each with its area; one of an area without a rule says nothing. */
  const countsInForce = (plan: DoorPlan, siteMs: number) =>
    [...corrections.values()].flatMap((correction) => {
      const area = plan.areas.get(correction.areaId);
      return area === undefined || isOver(plan, correction, siteMs) ? [] : [{ correction, area }];
    });
  type Count = ReturnType<typeof countsInForce>[number];
  /** Not yet replaced by a later count of an area around. */
  const isLatest = (counts: readonly Count[], { correction }: Count) =>
    !counts.some(
      (other) =>
        other.area.contains.has(correction.areaId) &&
        other.area.rule.areaId !== correction.areaId &&
        compareStamps(other.correction, correction) > 0,
    );
  const isCountedAfter = (counts: readonly Count[], record: Whereabouts) =>
    counts.some(
      ({ area, correction }) =>
        record.areaId !== null && area.contains.has(record.areaId) && compareStamps(correction, record) >= 0,
    );
  const isKnown = (plan: DoorPlan, counts: readonly Count[], record: Whereabouts, siteMs: number) =>
    record.areaId !== null && !isOver(plan, record, siteMs) && !isCountedAfter(counts, record);

  const knownIn = (plan: DoorPlan, counts: readonly Count[], area: AreaId, siteMs: number) =>
    [...(byArea.get(area) ?? [])].filter((holder) => {
      const record = holders.get(holder);
      return record !== undefined && isKnown(plan, counts, record, siteMs);
    });

  return {
    of: (holder) => holders.get(holder),
    locate: (plan, holder, siteMs) => {
      const record = holders.get(holder);
      if (record === undefined || record.areaId === null) return undefined;
      if (!isKnown(plan, countsInForce(plan, siteMs), record, siteMs)) return undefined;
      return { areaId: record.areaId, atMs: record.atMs };
    },
    occupancy: (plan, area, siteMs) => {
      const counts = countsInForce(plan, siteMs);
      let persons = 0;
      for (const inside of area.contains) persons += knownIn(plan, counts, inside, siteMs).length;
      for (const count of counts) {
        if (area.contains.has(count.correction.areaId) && isLatest(counts, count)) {
          persons += unseenOf(count.correction);
        }
      }
      return persons;
    },
    hasStaff: (plan, area, siteMs) => {
      const counts = countsInForce(plan, siteMs);
      return [...area.contains].some((inside) =>
        knownIn(plan, counts, inside, siteMs).some((holder) => holders.get(holder)?.isStaff === true),
      );
    },
    muster: (plan, siteMs) => {
      const counts = countsInForce(plan, siteMs);
      const areas = new Set([...byArea.keys(), ...corrections.keys()]);
      return [...areas].sort().flatMap((areaId) => {
        const there = knownIn(plan, counts, areaId, siteMs).sort();
        const count = counts.find((each) => each.correction.areaId === areaId && isLatest(counts, each));
        const unnamed = count === undefined ? 0 : unseenOf(count.correction);
        return there.length + unnamed === 0 ? [] : [{ areaId, holders: there, unnamed }];
      });
    },
    move: (plan, { holder, fromAreaId, toAreaId, isStaff }, stamp) => {
      const counts = countsInForce(plan, stamp.atMs);
      const before = holders.get(holder);
      const seenAgain =
        before !== undefined && isKnown(plan, counts, before, stamp.atMs)
          ? undefined
          : countSeenAgain(
              counts.filter((count) => isLatest(counts, count)),
              fromAreaId,
              before,
              stamp.gateId,
            );
      const delta: PresenceDelta = {
        whereabouts: [{ holder, areaId: toAreaId, isStaff, ...stamp }],
        corrections: seenAgain === undefined ? [] : [seenAgain],
      };
      for (const record of delta.whereabouts) keep(record);
      for (const correction of delta.corrections) keepCorrection(correction);
      forgetOldest((record) => isOver(plan, record, stamp.atMs));
      return delta;
    },
    record: ({ whereabouts, corrections: counted }, siteMs, presenceMs) => {
      const isDead = ({ atMs }: Stamp) => siteMs - atMs >= presenceMs;
      for (const record of whereabouts) if (!isDead(record)) keep(record);
      for (const correction of counted) if (!isDead(correction)) keepCorrection(correction);
      forgetOldest(isDead);
    },
    all: () => ({ whereabouts: [...holders.values()], corrections: [...corrections.values()] }),
  };
}

function isOver(plan: DoorPlan, { atMs }: Stamp, siteMs: number): boolean {
  return siteMs - atMs >= plan.presenceMs;
}

/**
 * Somebody whose place was not known comes from an area that a guard counted: they were one of that count, unless they were
 * forgiven after it. The innermost such count goes down by one.
 */
function countSeenAgain(
  counts: readonly { readonly correction: CountCorrection; readonly area: RuledArea }[],
  from: AreaId,
  before: Whereabouts | undefined,
  gateId: GateId,
): CountCorrection | undefined {
  const [innermost] = counts
    .filter(
      ({ area, correction }) =>
        area.contains.has(from) &&
        unseenOf(correction) > 0 &&
        (before === undefined || compareStamps(correction, before) >= 0),
    )
    .sort((a, b) => b.area.depth - a.area.depth);
  if (innermost === undefined) return undefined;
  const { correction } = innermost;
  return {
    ...correction,
    seenAgain: { ...correction.seenAgain, [gateId]: (correction.seenAgain[gateId] ?? 0) + 1 },
  };
}
