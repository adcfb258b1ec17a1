import { fillText } from "@menshen/ui";
import { useId, useState } from "react";
import { type RecoveryCodeRead, readRecoveryCode } from "../device/recovery-code.ts";
import { type Texts, useTexts } from "../i18n/texts.ts";

/** A recovery code is typed in and checked group by group; `onCode` is given one that can be read. */
export function RecoveryField(props: {
  submit: string;
  /** The one thing to do on its page. */
  isMain?: boolean;
  isBusy: boolean;
  onCode: (code: string) => void;
}) {
  const t = useTexts();
  const fieldId = useId();
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string>();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const read = readRecoveryCode(code);
        setFault(read.read ? undefined : faultText(t, read.fault, code));
        if (read.read) props.onCode(code);
      }}
    >
      <div className="plain-field">
        <label htmlFor={fieldId}>{t.recover.code}</label>
        <textarea
          id={fieldId}
          className="plain-mono"
          rows={4}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          aria-describedby={`${fieldId}-help`}
          aria-invalid={fault !== undefined}
        />
        <span id={`${fieldId}-help`} className="plain-quiet">
          {t.recover.codeHelp}
        </span>
      </div>
      {fault === undefined ? null : (
        <p role="alert" className="plain-notice plain-notice--due">
          {fault}
        </p>
      )}
      <div className="plain-actions">
        <button
          type="submit"
          className={props.isMain ? "plain-button plain-button--main" : "plain-button"}
          disabled={props.isBusy || code === ""}
        >
          {props.submit}
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
