import { fillText } from "@menshen/ui";
import { residentEndpoints } from "@menshen/wire";
import { call } from "../api/client.ts";
import { useTexts } from "../i18n/texts.ts";
import { AskTwice } from "../layout/ask-twice.tsx";
import { useEntries } from "../trail/use-entries.ts";
import { useDevice } from "./device-context.tsx";
import { eraseDevice } from "./device-store.ts";

/** What this browser keeps, and how it is erased. */
export function DevicePage() {
  const t = useTexts();
  const { store, owner } = useDevice();
  const { entries } = useEntries();

  async function erase() {
    await call(residentEndpoints.signOut, {}).catch(() => {
      // Without a network the session ends by itself; what is on the device goes now.
    });
    store.close();
    await eraseDevice();
    location.hash = "";
    location.reload();
  }

  return (
    <>
      <p>{t.device.lead}</p>
      <ul>
        {owner === undefined ? null : <li>{t.device.items.seed}</li>}
        <li>{fillText(t.device.items.entries, { count: entries?.length ?? 0 })}</li>
        {owner === undefined ? null : <li>{t.device.items.passes}</li>}
        <li>{t.device.items.answers}</li>
        <li>{t.device.items.preferences}</li>
      </ul>
      <p className="plain-notice">{t.device.shared}</p>
      <h2>{t.device.eraseTitle}</h2>
      <p>{t.device.eraseHelp}</p>
      {owner === undefined || owner.hasConfirmedCode ? null : (
        <p className="plain-notice plain-notice--due">{t.device.eraseUnconfirmed}</p>
      )}
      <AskTwice label={t.device.erase} confirm={t.device.eraseConfirm} onConfirm={() => void erase()} />
    </>
  );
}
