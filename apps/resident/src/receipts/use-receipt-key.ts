import { consentNoticeEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { call } from "../api/client.ts";
import { useOwned } from "../device/device-context.tsx";

const PINNED = "receipt-key";

/** The key of receipts as this device saw it first; undefined until it is known. */
export function usePinnedReceiptKey(): string | undefined {
  const { store } = useOwned();
  const [key, setKey] = useState<string>();
  useEffect(() => {
    const pin = async () => {
      const pinned = await store.remembered(PINNED);
      if (typeof pinned === "string") return setKey(pinned);
      const seen = (await call(consentNoticeEndpoints.receiptKey, {})).key;
      await store.remember(PINNED, seen);
      setKey(seen);
    };
    pin().catch(() => {
      // Without the key nothing is verified, and the page goes on saying that it checks.
    });
  }, [store]);
  return key;
}
