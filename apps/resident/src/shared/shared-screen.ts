const ENTRY = "?shared";

/**
 * Whether this is a screen that others use too, at the desk or in the lobby: then nothing is kept in the browser, and whoever
 * goes away is signed out. It follows from the address, so that the screen is set up by a bookmark.
 */
export const isSharedScreen = (): boolean => location.search === ENTRY;

/** Address of the app on such a screen, and that of an own device. */
export const SHARED_ADDRESS = `/resident/${ENTRY}`;

/** Without a touch for so long, whoever was there has gone. */
export const IDLE_MS = 2 * 60_000;
/** The last seconds are said aloud. */
export const LAST_MS = 30_000;

/** How long is left at `now` of whoever touched the screen last at `touchedAt`; never below zero. */
export function leftMs(touchedAt: number, now: number): number {
  return Math.max(0, touchedAt + IDLE_MS - now);
}

/** Minutes and seconds, e.g. `1:05`. */
export function countDown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
