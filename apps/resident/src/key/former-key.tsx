import { fillText } from "@menshen/ui";
import { useState } from "react";
import { useOwned } from "../device/device-context.tsx";
import { readRecoveryCode } from "../device/recovery-code.ts";
import { useTexts } from "../i18n/texts.ts";
import { RecoveryField } from "../join/recovery-field.tsx";
import { Problem } from "../layout/notices.tsx";
import { readTrail, TrailError } from "../trail/trail-reading.ts";

/** Opens what was wrapped to a key that was one's own before, with its recovery code; that key is not kept. */
export function FormerKey() {
  const t = useTexts();
  const { store } = useOwned();
  const [isBusy, setIsBusy] = useState(false);
  const [found, setFound] = useState<number>();
  const [failure, setFailure] = useState<string>();

  async function open(code: string) {
    const read = readRecoveryCode(code);
    if (!read.read) return;
    setFailure(undefined);
    setFound(undefined);
    setIsBusy(true);
    try {
      setFound(await readTrail({ store, seed: read.seed, firstPosition: 0, isFormer: true }, () => {}));
    } catch (error) {
      setFailure(error instanceof TrailError ? error.code : "device");
    }
    setIsBusy(false);
  }

  return (
    <div className="plain-no-print">
      <h2>{t.key.formerTitle}</h2>
      <p>{t.key.formerHelp}</p>
      <RecoveryField submit={t.key.former} isBusy={isBusy} onCode={(code) => void open(code)} />
      {isBusy ? <p role="status">{t.key.formerBusy}</p> : null}
      {found === undefined ? null : (
        <p role="status" className="plain-notice">
          {found === 0 ? t.key.formerNone : fillText(t.key.formerFound, { count: found })}
        </p>
      )}
      {failure === undefined ? null : <Problem code={failure} />}
    </div>
  );
}
