import { fillText } from "@menshen/ui";
import { useState } from "react";
import { ApiError } from "../api/client.ts";
import { signIn } from "../api/session.ts";
import { useDevice } from "../device/device-context.tsx";
import { type RecoveryCodeRead, readRecoveryCode } from "../device/recovery-code.ts";
import { type Texts, useTexts } from "../i18n/texts.ts";
import { Problem } from "../layout/notices.tsx";
import { goTo } from "../layout/use-page.ts";

/** Signs in on another device with the code that was written down. */
export function RecoverPage() {
  const t = useTexts();
  const { store, community, setOwner } = useDevice();
  const [code, setCode] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const [failure, setFailure] = useState<string>();

  async function submit() {
    setFailure(undefined);
    const read = readRecoveryCode(code);
    setFault(read.read ? undefined : faultText(t, read.fault, code));
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
      if (problem === "key-refused") setFault(t.recover.refused);
      else setFailure(problem);
      setIsBusy(false);
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="plain-field">
        <label htmlFor="recovery-code">{t.recover.code}</label>
        <textarea
          id="recovery-code"
          className="plain-mono"
          rows={4}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          aria-describedby="recovery-help"
          aria-invalid={fault !== undefined}
        />
        <span id="recovery-help" className="plain-quiet">
          {t.recover.codeHelp}
        </span>
      </div>
      {fault === undefined ? null : (
        <p role="alert" className="plain-notice plain-notice--due">
          {fault}
        </p>
      )}
      {failure === undefined ? null : <Problem code={failure} />}
      {community === undefined ? <Problem code="unreachable" /> : null}
      <div className="plain-actions">
        <button type="submit" className="plain-button plain-button--main" disabled={isBusy || code === ""}>
          {t.recover.submit}
        </button>
      </div>
    </form>
  );
}

function faultText(
  t: Texts,
  fault: Extract<RecoveryCodeRead, { read: false }>["fault"],
  code: string,
): string {
  return fillText(t.recover.fault[fault], { count: code.replaceAll(/[\s\p{Pd}]/gu, "").length });
}
