import { evidenceEndpoints, type LogDescription } from "@menshen/wire";
import { useEffect, useState } from "react";
import { call } from "../api/client.ts";
import { useOwned } from "../device/device-context.tsx";

const PINNED = "log";

/**
 * The evidence log as this device saw it first: a server that shows another key later proves nothing with it. Undefined
 * until it is known, or where it was never seen.
 */
export function usePinnedLog(): LogDescription | undefined {
  const { store } = useOwned();
  const [log, setLog] = useState<LogDescription>();
  useEffect(() => {
    const pin = async () => {
      // Written by the line below at an earlier visit.
      const pinned = (await store.remembered(PINNED)) as LogDescription | undefined;
      if (pinned !== undefined) return setLog(pinned);
      const seen = await call(evidenceEndpoints.log, {});
      await store.remember(PINNED, seen);
      setLog(seen);
    };
    pin().catch(() => {
      // Without a log nothing is verified, and the page says so.
    });
  }, [store]);
  return log;
}
