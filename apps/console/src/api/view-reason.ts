import type { ViewReason } from "@menshen/wire";
import { useSyncExternalStore } from "react";

/** A reason for looking at residents' data holds this long; then it is asked for again. */
const HOLDS_MS = 15 * 60_000;

/** Why residents' data are looked at now, and until when that holds. */
export interface HeldReason {
  readonly reason: ViewReason;
  readonly until: number;
}

let held: HeldReason | undefined;
let ending: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(next: HeldReason | undefined): void {
  clearTimeout(ending);
  held = next;
  if (next !== undefined) ending = setTimeout(dropViewReason, HOLDS_MS);
  for (const listener of listeners) listener();
}

/** Begins a task that needs residents' data. Never stored: a page that is loaded anew asks again. */
export function holdViewReason(reason: ViewReason): void {
  set({ reason, until: Date.now() + HOLDS_MS });
}

/** Ends the task. */
export function dropViewReason(): void {
  if (held !== undefined) set(undefined);
}

/** The reason in force, for requests. A machine that slept may come here before its timer does. */
export function viewReasonNow(): ViewReason | undefined {
  return held !== undefined && held.until > Date.now() ? held.reason : undefined;
}

/** The reason in force, for screens. */
export function useHeldReason(): HeldReason | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => held,
  );
}

/** Part of the key of every query that shows residents' data: what was read for one reason is not shown for another. */
export function useViewKey(): string {
  const reason = useHeldReason()?.reason;
  return reason === undefined ? "" : `${reason.code};${reason.text ?? ""}`;
}
