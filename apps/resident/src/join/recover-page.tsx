import { useState } from "react";
import { ApiError } from "../api/client.ts";
import { signIn } from "../api/session.ts";
import { useDevice } from "../device/device-context.tsx";
import { readRecoveryCode } from "../device/recovery-code.ts";
import { useTexts } from "../i18n/texts.ts";
import { Problem } from "../layout/notices.tsx";
import { goTo } from "../layout/use-page.ts";
import { RecoveryField } from "./recovery-field.tsx";

/** Signs in on another device with the code that was written down. */
export function RecoverPage() {
  const t = useTexts();
  const { store, community, setOwner } = useDevice();
  const [isBusy, setIsBusy] = useState(false);
  const [isRefused, setIsRefused] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function submit(code: string) {
    setFailure(undefined);
    setIsRefused(false);
    const read = readRecoveryCode(code);
    if (!read.read || community === undefined) return;
    setIsBusy(true);
    const owner = { communityId: community.id, seed: read.seed, isPending: false, hasConfirmedCode: true };
    try {
      await signIn(owner);
      await store.keepOwner(owner);
      setOwner(owner);
      goTo("home");
    } catch (error) {
      const problem = error instanceof ApiError ? error.code : "device";
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
      {community === undefined ? <Problem code="unreachable" /> : null}
    </>
  );
}
