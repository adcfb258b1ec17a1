import { StateMark } from "@menshen/ui";
import type { CardListPreview } from "@menshen/wire";
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { parseIdentifier } from "./enrol-drawer.tsx";
import type { ListChoices } from "./import-choices.ts";

/** One card on the reader tells what a list cannot: how it writes numbers. */
export function KnownCard(props: {
  preview: CardListPreview | undefined;
  choices: ListChoices;
  isOtherCard: boolean;
  onChange: (choices: ListChoices) => void;
}) {
  const { t } = useTranslation("cards");
  const { preview, choices } = props;
  const [line, setLine] = useState("");
  const [uid, setUid] = useState("");
  const lineId = useId();
  const uidId = useId();
  const isClear = preview !== undefined && !preview.ambiguous.digits && !preview.ambiguous.byteOrder;
  if (isClear && !props.isOtherCard) {
    if (choices.known === undefined) return null;
    return (
      <p>
        <StateMark tone="granted">{t("import.settled")}</StateMark>{" "}
        {t(`import.digits.${preview.form.digits}`)} · {t(`import.byteOrder.${preview.form.byteOrder}`)}
      </p>
    );
  }
  const lineNumber = Number(line);
  const identifier = parseIdentifier(uid);
  const isReady = Number.isInteger(lineNumber) && lineNumber > 0 && (identifier?.length ?? 0) >= 8;
  return (
    <form
      className="import-known"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && identifier !== undefined) {
          const { digits: _digits, byteOrder: _byteOrder, ...others } = choices;
          props.onChange({ ...others, known: { line: lineNumber, uid: identifier } });
        }
      }}
    >
      <p>{t("import.unclear")}</p>
      {props.isOtherCard ? (
        <p role="alert">
          <StateMark tone="refused">{t("import.knownOther", { line: choices.known?.line ?? 0 })}</StateMark>
        </p>
      ) : null}
      <div className="import-form">
        <label htmlFor={lineId}>
          {t("import.knownLine")}
          <Input
            id={lineId}
            inputMode="numeric"
            value={line}
            onChange={(event) => setLine(event.target.value)}
          />
        </label>
        <label htmlFor={uidId}>
          {t("import.knownUid")}
          <Input
            id={uidId}
            autoComplete="off"
            spellCheck={false}
            placeholder="04 A2 …"
            value={uid}
            onChange={(event) => setUid(event.target.value)}
          />
        </label>
        <Button htmlType="submit" disabled={!isReady}>
          {t("import.settle")}
        </Button>
      </div>
      <p className="quiet">{t("import.knownHelp")}</p>
    </form>
  );
}
