import { useCallback, useEffect, useState } from "react";
import { useDevice } from "../device/device-context.tsx";
import type { TrailEntry, TrailProgress } from "../device/device-store.ts";

export interface StoredTrail {
  /** Newest first; undefined while the device is read. */
  readonly entries: readonly TrailEntry[] | undefined;
  readonly progress: TrailProgress | undefined;
  /** Reads the device again. */
  readonly refresh: () => void;
}

/** What this device holds of the trail. */
export function useEntries(): StoredTrail {
  const { store } = useDevice();
  const [state, setState] = useState<Omit<StoredTrail, "refresh">>({
    entries: undefined,
    progress: undefined,
  });
  const refresh = useCallback(() => {
    Promise.all([store.entries(), store.progress()])
      .then(([entries, progress]) => setState({ entries, progress }))
      .catch(() => setState({ entries: [], progress: undefined }));
  }, [store]);
  useEffect(refresh, [refresh]);
  return { ...state, refresh };
}
