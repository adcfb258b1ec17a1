import type { CommunityFacts } from "@menshen/wire";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { readSession } from "../api/session.ts";
import { type DeviceOwner, type DeviceStore, openDeviceStore } from "./device-store.ts";

/** What is known before anything is asked of the server. */
export interface Device {
  readonly store: DeviceStore;
  /** Absent on a device that nobody joined with. */
  readonly owner: DeviceOwner | undefined;
  /** From the server, or as it was last time; absent at the first visit without a network. */
  readonly community: CommunityFacts | undefined;
  readonly setOwner: (owner: DeviceOwner | undefined) => void;
}

const DeviceContext = createContext<Device | undefined>(undefined);

/** Opens this browser's store; shows `failed` where the browser keeps nothing. */
export function DeviceProvider(props: { children: ReactNode; loading: ReactNode; failed: ReactNode }) {
  const [opened, setOpened] = useState<{ store: DeviceStore; community: CommunityFacts | undefined }>();
  const [owner, setOwner] = useState<DeviceOwner>();
  const [hasFailed, setHasFailed] = useState(false);

  useEffect(() => {
    let isGone = false;
    const open = async () => {
      const store = await openDeviceStore();
      // Written by `askCommunity` at an earlier visit. At a door nobody waits for a slow network.
      const known = (await store.remembered("community")) as CommunityFacts | undefined;
      const community = known ?? (await askCommunity(store));
      const found = await store.owner();
      if (isGone) return store.close();
      setOwner(found);
      setOpened({ store, community });
      if (known === undefined) return;
      const now = await askCommunity(store);
      if (!isGone && now !== undefined) setOpened({ store, community: now });
    };
    open().catch(() => setHasFailed(true));
    return () => {
      isGone = true;
    };
  }, []);

  const device = useMemo(() => opened && { ...opened, owner, setOwner }, [opened, owner]);
  if (hasFailed) return props.failed;
  if (device === undefined) return props.loading;
  return <DeviceContext value={device}>{props.children}</DeviceContext>;
}

async function askCommunity(store: DeviceStore): Promise<CommunityFacts | undefined> {
  try {
    const { community } = await readSession();
    await store.remember("community", community);
    return community;
  } catch {
    return undefined;
  }
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
