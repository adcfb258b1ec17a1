import { useEffect } from "react";

/** Keeps the screen from going dark while the element is shown; where the browser cannot, it goes dark as always. */
export function useAwakeScreen(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let isGone = false;
    const hold = async () => {
      if (!("wakeLock" in navigator) || document.visibilityState !== "visible") return;
      lock = await navigator.wakeLock.request("screen");
      if (isGone) await lock.release();
    };
    const again = () => {
      // Refused where the battery is low: a wish, not a need.
      hold().catch(() => {});
    };
    again();
    document.addEventListener("visibilitychange", again);
    return () => {
      isGone = true;
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  }, []);
}
