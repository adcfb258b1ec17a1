import type { FloorPlanFault, FloorPlanType, RemovedPart, RemovedPartKind } from "@menshen/wire";

/** An image as it may be stored and shown, and what was taken out of it. */
export interface CleanImage {
  readonly type: FloorPlanType;
  /** As it is shown: a photograph that lies on its side is turned. */
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
  readonly removed: readonly RemovedPart[];
}

export type ImageOutcome =
  | { readonly ok: true; readonly image: CleanImage }
  | { readonly ok: false; readonly fault: FloorPlanFault };

export const faulty = (fault: FloorPlanFault): ImageOutcome => ({ ok: false, fault });

/** Counts what is taken out. */
export interface Removals {
  readonly note: (what: RemovedPartKind) => void;
  /** In the order in which each kind was first met. */
  readonly list: () => RemovedPart[];
}

export function countRemovals(): Removals {
  const counts = new Map<RemovedPartKind, number>();
  return {
    note: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    list: () => [...counts].map(([what, count]) => ({ what, count })),
  };
}
