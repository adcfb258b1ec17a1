import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import { LiveFeed, type LiveState } from "./live-feed.ts";
import { useMay } from "./session.tsx";

const LiveContext = createContext<Pick<LiveFeed, "subscribe" | "snapshot"> | undefined>(undefined);

const NOTHING: LiveState = {
  overview: undefined,
  events: [],
  connection: { state: "connecting" },
  lastBreak: undefined,
};
/** For duties that see no events: nothing is asked for, so nothing can be lost. */
const SILENT = { subscribe: () => () => undefined, snapshot: () => NOTHING };

/** One stream for all pages of a session. */
export function LiveProvider(props: { children: ReactNode }) {
  const [feed] = useState(() => new LiveFeed());
  return <LiveContext value={useMay("events.read") ? feed : SILENT}>{props.children}</LiveContext>;
}

/** Doors, gates and events as they stand now. */
export function useLive(): LiveState {
  const feed = useContext(LiveContext);
  if (feed === undefined) throw new Error("no LiveProvider above");
  return useSyncExternalStore(feed.subscribe, feed.snapshot);
}
