import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

/** One area, door or gate: its rules in words, and in their place the form that changes them. */
export function RuleRow(props: {
  name: string;
  says: readonly string[];
  /** Where nothing is set; "no special rules" by default. */
  saysNothing?: string;
  mayWrite: boolean;
  form: (close: () => void) => ReactNode;
}) {
  const { t } = useTranslation("doorRules");
  const [isEdited, setIsEdited] = useState(false);
  return (
    <li>
      <span className="rule-row__what">
        <strong>{props.name}</strong>
        {isEdited ? null : props.says.length === 0 ? (
          <span className="quiet">{props.saysNothing ?? t("off")}</span>
        ) : (
          <span className="rule-row__says">
            {props.says.map((sentence) => (
              <span key={sentence}>{sentence}</span>
            ))}
          </span>
        )}
      </span>
      {isEdited ? (
        props.form(() => setIsEdited(false))
      ) : props.mayWrite ? (
        <Button aria-label={t("changeOf", { name: props.name })} onClick={() => setIsEdited(true)}>
          {t("change")}
        </Button>
      ) : null}
    </li>
  );
}
