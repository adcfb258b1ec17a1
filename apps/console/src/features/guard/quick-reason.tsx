import type { ChangeReason, ChangeReasonCode } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ReasonForm } from "../../components/reason-form.tsx";

const QUICK = [
  "resident-request",
  "emergency",
  "security",
  "maintenance",
  "test",
] as const satisfies readonly ChangeReasonCode[];

/** Asks why and acts with the answer in one tap: at a door somebody is waiting. Another reason takes words. */
export function QuickReason(props: {
  question: string;
  /** What happens, for the form with words. */
  confirm: string;
  isPending: boolean;
  onConfirm: (reason: ChangeReason) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const [isOther, setIsOther] = useState(false);
  const [pressed, setPressed] = useState<ChangeReasonCode>();
  if (isOther) {
    return (
      <ReasonForm
        confirm={props.confirm}
        isPending={props.isPending}
        onConfirm={props.onConfirm}
        onCancel={props.onCancel}
      />
    );
  }
  return (
    <fieldset className="quick-reason">
      <legend>{props.question}</legend>
      {QUICK.map((code, index) => (
        <Button
          key={code}
          size="large"
          autoFocus={index === 0}
          loading={props.isPending && pressed === code}
          disabled={props.isPending && pressed !== code}
          onClick={() => {
            setPressed(code);
            props.onConfirm({ code });
          }}
        >
          {t(`changeReason.${code}`)}
        </Button>
      ))}
      <Button size="large" disabled={props.isPending} onClick={() => setIsOther(true)}>
        {t("changeReason.other")}…
      </Button>
      <Button size="large" type="text" onClick={props.onCancel}>
        {t("common.cancel")}
      </Button>
    </fieldset>
  );
}
