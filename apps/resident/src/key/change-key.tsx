import type { ResidentMe } from "@menshen/wire";
import { useState } from "react";
import { ApiError } from "../api/client.ts";
import { deleteKey, replaceKey } from "../api/session.ts";
import { useOwned } from "../device/device-context.tsx";
import { makeSeed, residentKeyOf } from "../device/resident-key.ts";
import { useTexts } from "../i18n/texts.ts";
import { AskTwice } from "../layout/ask-twice.tsx";
import { Problem } from "../layout/notices.tsx";
import { goTo } from "../layout/use-page.ts";
import { readTrail, TrailError } from "../trail/trail-reading.ts";

/** Another key, or none: what is lost is said before. */
export function ChangeKey(props: { me: ResidentMe }) {
  const t = useTexts();
  const { store, owner, setOwner } = useOwned();
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function attempt(work: () => Promise<void>) {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(error instanceof ApiError || error instanceof TrailError ? error.code : "device");
      setIsBusy(false);
    }
  }

  const replace = () =>
    attempt(async () => {
      // What is wrapped to the old key is opened while the old key is still here.
      await readTrail({ store, seed: owner.seed, firstPosition: props.me.firstPosition }, () => {});
      const seed = makeSeed();
      await replaceKey(owner, residentKeyOf(seed));
      const next = { ...owner, seed, hasConfirmedCode: false };
      await store.keepOwner(next);
      setOwner(next);
      goTo("code");
    });
  const remove = () =>
    attempt(async () => {
      await deleteKey(owner);
      goTo("home");
    });

  return (
    <div className="plain-no-print">
      <h2>{t.key.replaceTitle}</h2>
      <p>{t.key.replaceHelp}</p>
      <div className="plain-actions">
        <button type="button" className="plain-button" disabled={isBusy} onClick={() => void replace()}>
          {t.key.replace}
        </button>
      </div>
      <h2>{t.key.deleteTitle}</h2>
      <p>{t.key.deleteHelp}</p>
      <AskTwice
        label={t.key.delete}
        confirm={t.key.deleteConfirm}
        isBusy={isBusy}
        onConfirm={() => void remove()}
      />
      {failure === undefined ? null : <Problem code={failure} />}
    </div>
  );
}
