import type { AreaId, GateId, Holder } from "@menshen/domain";

/** When and by which gate something was recorded. A gate never gives the same time twice. */
export interface Stamp {
  /** Site time, in milliseconds: see `site-clock.ts`. */
  readonly atMs: number;
  readonly gateId: GateId;
}

/** Where a person was last seen. Of two records of one person the later holds. */
export interface Whereabouts extends Stamp {
  readonly holder: Holder;
  /** `null`: not known, since a guard forgave them or they got another name. */
  readonly areaId: AreaId | null;
  readonly isStaff: boolean;
}

/**
 * A guard's count of an area. It takes the place of all that was known of the area and what it contains until then:
 * whoever was seen inside before is one of the `persons`, nobody knows which. Of two counts of one area the later holds.
 */
export interface CountCorrection extends Stamp {
  readonly areaId: AreaId;
  readonly persons: number;
  /** How many of them were seen again since, by each gate; these only grow. */
  readonly seenAgain: Readonly<Record<GateId, number>>;
}

/** What one gate tells the others: any part of what it knows. Order and repetition do not matter. */
export interface PresenceDelta {
  readonly whereabouts: readonly Whereabouts[];
  readonly corrections: readonly CountCorrection[];
}

/** Positive if `a` is later than `b`. A total order, so that all gates choose alike between any two records. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.atMs - b.atMs || compareTexts(a.gateId, b.gateId);
}

/** The later of two records of one person. At the same stamp "not known" holds: a name that was given up stays so. */
export function laterWhereabouts(a: Whereabouts, b: Whereabouts): Whereabouts {
  const order =
    compareStamps(a, b) ||
    Number(a.areaId === null) - Number(b.areaId === null) ||
    compareTexts(a.areaId ?? "", b.areaId ?? "") ||
    Number(a.isStaff) - Number(b.isStaff);
  return order >= 0 ? a : b;
}

/** The later of two counts of one area; of the same count all that each gate saw since. */
export function laterCorrection(a: CountCorrection, b: CountCorrection): CountCorrection {
  const order = compareStamps(a, b) || a.persons - b.persons;
  if (order !== 0) return order > 0 ? a : b;
  const seenAgain: Record<string, number> = { ...a.seenAgain };
  for (const [gate, count] of Object.entries(b.seenAgain)) {
    seenAgain[gate] = Math.max(count, seenAgain[gate] ?? 0);
  }
  return { ...a, seenAgain };
}

/** How many of a guard's count were not seen again. */
export function unseenOf({ persons, seenAgain }: CountCorrection): number {
  const seen = Object.values(seenAgain).reduce((sum, count) => sum + count, 0);
  return Math.max(0, persons - seen);
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a > b ? 1 : -1;
}
