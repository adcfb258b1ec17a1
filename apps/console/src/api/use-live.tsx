import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import { LiveFeed, type LiveState } from "./live-feed.ts";

const LiveContext = createContext<LiveFeed | undefined>(undefined);

/** One stream for all pages of a session. */
export function LiveProvider(props: { children: ReactNode }) {
  const [feed] = useState(() => new LiveFeed());
  return <LiveContext value={feed}>{props.children}</LiveContext>;
}

/** Doors, gates and events as they stand now. */
export function useLive(): LiveState {
  const feed = useContext(LiveContext);
  if (feed === undefined) throw new Error("no LiveProvider above");
  return useSyncExternalStore(feed.subscribe, feed.snapshot);
}
