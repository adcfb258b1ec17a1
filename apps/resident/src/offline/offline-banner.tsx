import { StateMark } from "@menshen/ui";
import { useSyncExternalStore } from "react";
import { useTexts } from "../i18n/texts.ts";

/** Says that there is no network, and what works all the same. */
export function OfflineBanner() {
  const t = useTexts();
  const isOnline = useSyncExternalStore(onNetworkNews, () => navigator.onLine);
  if (isOnline) return null;
  return (
    <div role="status" className="offline plain-no-print">
      <StateMark tone="offline">{t.offline.title}</StateMark>
      <p>{t.offline.help}</p>
    </div>
  );
}

function onNetworkNews(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}
