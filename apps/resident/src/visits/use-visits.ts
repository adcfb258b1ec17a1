import { useCallback, useEffect, useState } from "react";
import { useOwned } from "../device/device-context.tsx";
import type { VisitRecord } from "../device/device-store.ts";

export interface Visits {
  /** Newest first; undefined while the device is read. */
  readonly visits: readonly VisitRecord[] | undefined;
  readonly add: (visit: VisitRecord) => Promise<void>;
  readonly change: (visit: VisitRecord) => Promise<void>;
  readonly forget: (passId: string) => Promise<void>;
}

/** The visitor passes that this device signed. Nobody else has this list. */
export function useVisits(): Visits {
  const { store } = useOwned();
  const [visits, setVisits] = useState<readonly VisitRecord[]>();
  useEffect(() => {
    store.visits().then(setVisits, () => setVisits([]));
  }, [store]);
  const keep = useCallback(
    async (next: (before: readonly VisitRecord[]) => readonly VisitRecord[]) => {
      // Read again: another tab may have signed one meanwhile.
      const kept = next(await store.visits());
      await store.keepVisits(kept);
      setVisits(kept);
    },
    [store],
  );
  return {
    visits,
    add: (visit) => keep((before) => [visit, ...before]),
    change: (visit) => keep((before) => before.map((one) => (one.passId === visit.passId ? visit : one))),
    forget: (passId) => keep((before) => before.filter((one) => one.passId !== passId)),
  };
}
