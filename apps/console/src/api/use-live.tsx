import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { LiveFeed, type LiveState, type NewsType } from "./live-feed.ts";
import { useMay } from "./session.tsx";

const LiveContext = createContext<Pick<LiveFeed, "subscribe" | "snapshot" | "onNews"> | undefined>(undefined);

const NOTHING: LiveState = {
  overview: undefined,
  events: [],
  connection: { state: "connecting" },
  lastBreak: undefined,
};
/** For duties that see no events: nothing is asked for, so nothing can be lost. */
const SILENT = { subscribe: () => () => undefined, snapshot: () => NOTHING, onNews: () => () => undefined };

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

/** What a flood of messages is about is read again once in this time. */
const READ_AGAIN_MS = 150;

/**
 * Reads what a page shows again when the stream says that it changed, and after every break.
 *
 * @param type message of the stream
 * @param endpointId first part of the keys of the queries concerned
 */
export function useReadAgainOn(type: NewsType, endpointId: string): void {
  const feed = useContext(LiveContext);
  const client = useQueryClient();
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const stop = feed?.onNews((news) => {
      if (news !== type) return;
      waiting ??= setTimeout(() => {
        waiting = undefined;
        void client.invalidateQueries({ queryKey: [endpointId] });
      }, READ_AGAIN_MS);
    });
    return () => {
      stop?.();
      clearTimeout(waiting);
    };
  }, [feed, client, type, endpointId]);
}
