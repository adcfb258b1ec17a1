import type { PhonePassRecord, ResidentDoors } from "@menshen/wire";
import { residentPassEndpoints } from "@menshen/wire";
import { useCallback, useEffect, useState } from "react";
import { call } from "../api/client.ts";
import { type Answer, useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import type { HeldPhonePass } from "../device/device-store.ts";
import { listPhonePasses } from "./phone-key.ts";

const askDoors = () => call(residentPassEndpoints.doors, {});

/** The doors on one's own paths; without a network, as they were last time. */
export function useDoors(): Answer<ResidentDoors> {
  return useAnswer("doors", askDoors);
}

/** One's own phone passes, this telephone's among them. */
export function usePhonePasses(): Answer<readonly PhonePassRecord[]> {
  return useAnswer("phone-passes", listPhonePasses);
}

export interface HeldPassState {
  readonly isReading: boolean;
  /** Absent on a telephone that has none, and for one that was made for another community. */
  readonly held: HeldPhonePass | undefined;
  /** Reads the device again. */
  readonly refresh: () => Promise<void>;
}

/** The phone pass that this device holds. */
export function useHeldPass(): HeldPassState {
  const { store, owner } = useOwned();
  const [state, setState] = useState<Omit<HeldPassState, "refresh">>({ isReading: true, held: undefined });
  const refresh = useCallback(async () => {
    const held = await store.phonePass();
    const isOwn = held?.communityId === owner.communityId && held.enrolledAt !== undefined;
    setState({ isReading: false, held: isOwn ? held : undefined });
  }, [store, owner.communityId]);
  useEffect(() => {
    refresh().catch(() => setState({ isReading: false, held: undefined }));
  }, [refresh]);
  return { ...state, refresh };
}
