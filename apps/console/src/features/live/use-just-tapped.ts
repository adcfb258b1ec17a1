import type { EventItem } from "@menshen/wire";
import { useEffect, useRef, useState } from "react";

const LIGHT_MS = 1_200;
/** After a break many come at once: what is older than the newest few happened before anybody looked. */
const MOST_AT_ONCE = 20;

/** The doors where someone was let in or refused just now: each lights once. */
export function useJustTapped(events: readonly EventItem[]): ReadonlyMap<string, boolean> {
  const [lit, setLit] = useState<ReadonlyMap<string, boolean>>(new Map());
  const last = useRef(events[0]);
  useEffect(() => {
    const until = last.current === undefined ? -1 : events.indexOf(last.current);
    last.current = events[0];
    const fresh = events.slice(0, until === -1 ? 1 : Math.min(until, MOST_AT_ONCE));
    for (const { granted, kind, portalId } of fresh.reverse()) {
      if (kind !== "access" || portalId === undefined || granted === undefined) continue;
      setLit((known) => new Map(known).set(portalId, granted));
      setTimeout(() => {
        setLit((known) => {
          const rest = new Map(known);
          rest.delete(portalId);
          return rest;
        });
      }, LIGHT_MS);
    }
  }, [events]);
  return lit;
}
