import type { CommunityFacts } from "@menshen/wire";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { readSession } from "../api/session.ts";
import { makeMemoryStore } from "../shared/memory-store.ts";
import { isSharedScreen } from "../shared/shared-screen.ts";
import { type DeviceOwner, type DeviceStore, openDeviceStore } from "./device-store.ts";

/** What is known before anything is asked of the server. */
export interface Device {
  readonly store: DeviceStore;
  /** Absent on a device that nobody joined with. */
  readonly owner: DeviceOwner | undefined;
  /** From the server, or as it was last time; absent at the first visit without a network. */
  readonly community: CommunityFacts | undefined;
  /** The server has not answered yet which community this is. */
  readonly isAsking: boolean;
  /** Others use this screen too: nothing is kept, and some things are not done here. */
  readonly isShared: boolean;
  readonly setOwner: (owner: DeviceOwner | undefined) => void;
}

const DeviceContext = createContext<Device | undefined>(undefined);

type Opened = Pick<Device, "store" | "community" | "isAsking">;

/** Opens this browser's store; shows `failed` where the browser keeps nothing. */
export function DeviceProvider(props: { children: ReactNode; loading: ReactNode; failed: ReactNode }) {
  const [opened, setOpened] = useState<Opened>();
  const [owner, setOwner] = useState<DeviceOwner>();
  const [hasFailed, setHasFailed] = useState(false);
  const [isShared] = useState(isSharedScreen);

  useEffect(() => {
    let isGone = false;
    const open = async () => {
      const store = isShared ? makeMemoryStore() : await openDeviceStore();
      // Asked while the device is read: at a door nobody waits for a slow network, nor before the first page.
      const asked = readSession().then(
        ({ community }) => community,
        () => undefined,
      );
      // Written below at an earlier visit.
      const known = (await store.remembered("community")) as CommunityFacts | undefined;
      const found = await store.owner();
      if (isGone) return store.close();
      setOwner(found);
      setOpened({ store, community: known, isAsking: true });
      const now = await asked;
      if (isGone) return;
      setOpened({ store, community: now ?? known, isAsking: false });
      if (now !== undefined) await store.remember("community", now);
    };
    open().catch(() => setHasFailed(true));
    return () => {
      isGone = true;
    };
  }, [isShared]);

  const device = useMemo(() => opened && { ...opened, owner, isShared, setOwner }, [opened, owner, isShared]);
  if (hasFailed) return props.failed;
  if (device === undefined) return props.loading;
  return <DeviceContext value={device}>{props.children}</DeviceContext>;
}

export function useDevice(): Device {
  const device = useContext(DeviceContext);
  if (device === undefined) throw new Error("no DeviceProvider above");
  return device;
}

/** The device and whose it is; for pages that need a key. */
export function useOwned(): Device & { readonly owner: DeviceOwner } {
  const device = useDevice();
  if (device.owner === undefined) throw new Error("no owner on this page");
  return { ...device, owner: device.owner };
}
