import { useState } from "react";
import { signIn } from "../api/session.ts";
import { useDevice } from "../device/device-context.tsx";
import { readRecoveryCode } from "../device/recovery-code.ts";
import { useTexts } from "../i18n/texts.ts";
import { Problem } from "../layout/notices.tsx";
import { goTo } from "../layout/use-page.ts";
import { hasPasskeys } from "../passkeys/browser-passkeys.ts";
import { RecoveryField } from "./recovery-field.tsx";

/** Signs in on another device with the code that was written down. */
export function RecoverPage() {
  const t = useTexts();
  const { store, community, isAsking, isShared, setOwner } = useDevice();
  const [isBusy, setIsBusy] = useState(false);
  const [isRefused, setIsRefused] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function submit(code: string) {
    const read = readRecoveryCode(code);
    if (read.read) await enter(async () => read.seed);
  }

  async function enter(seedOf: (communityId: string) => Promise<Uint8Array>) {
    setFailure(undefined);
    setIsRefused(false);
    if (community === undefined) return;
    setIsBusy(true);
    try {
      const seed = await seedOf(community.id);
      const owner = { communityId: community.id, seed, isPending: false, hasConfirmedCode: true };
      await signIn(owner);
      await store.keepOwner(owner);
      setOwner(owner);
      goTo("home");
    } catch (error) {
      const problem = error instanceof Error && "code" in error ? String(error.code) : "device";
      if (problem === "key-refused") setIsRefused(true);
      else setFailure(problem);
      setIsBusy(false);
    }
  }

  return (
    <>
      <RecoveryField isMain submit={t.recover.submit} isBusy={isBusy} onCode={(code) => void submit(code)} />
      {isRefused ? (
        <p role="alert" className="plain-notice plain-notice--due">
          {t.recover.refused}
        </p>
      ) : null}
      {failure === undefined ? null : <Problem code={failure} />}
      {isShared || !hasPasskeys() ? null : (
        <>
          <h2>{t.passkeys.signInTitle}</h2>
          <p>{t.passkeys.signInLead}</p>
          <div className="plain-actions">
            <button
              type="button"
              className="plain-button"
              disabled={isBusy || community === undefined}
              onClick={() =>
                void enter(async (communityId) => {
                  const { openWithPasskey } = await import("../passkeys/use-passkey.ts");
                  return openWithPasskey(communityId);
                })
              }
            >
              {t.passkeys.signIn}
            </button>
          </div>
        </>
      )}
      {community === undefined && !isAsking ? <Problem code="unreachable" /> : null}
    </>
  );
}
