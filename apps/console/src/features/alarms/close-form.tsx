import { ALARM_FINDINGS, type AlarmFindingCode } from "@menshen/domain";
import { type AlarmFinding, FINDING_TEXT_MAX } from "@menshen/wire";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** Asks what was found: one tap, and words where they add something. */
export function CloseForm(props: {
  isPending: boolean;
  onClose: (finding: AlarmFinding) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation("alarms");
  const { t: common } = useTranslation();
  const [code, setCode] = useState<AlarmFindingCode>();
  const [text, setText] = useState("");
  const words = text.trim();
  const isComplete = code !== undefined && (code !== "other" || words !== "");
  return (
    <form
      className="alarm__close"
      onSubmit={(event) => {
        event.preventDefault();
        if (code !== undefined && isComplete) props.onClose(words === "" ? { code } : { code, text: words });
      }}
    >
      <fieldset className="quick-reason">
        <legend>{t("found")}</legend>
        {ALARM_FINDINGS.map((finding, index) => (
          <Button
            key={finding}
            autoFocus={index === 0}
            aria-pressed={code === finding}
            type={code === finding ? "primary" : "default"}
            onClick={() => setCode(finding)}
          >
            {t(`finding.${finding}`)}
          </Button>
        ))}
      </fieldset>
      <Input
        aria-label={t("findingText")}
        placeholder={t("findingText")}
        maxLength={FINDING_TEXT_MAX}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={!isComplete} loading={props.isPending}>
          {t("closeIt")}
        </Button>
        <Button onClick={props.onCancel}>{common("common.cancel")}</Button>
      </span>
    </form>
  );
}
