import type { ChangeReason, ChangeReasonCode } from "@menshen/wire";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

/** Reasons offered; `routine` is none. */
const CODES = [
  "resident-request",
  "incident",
  "emergency",
  "security",
  "maintenance",
  "correction",
  "test",
  "other",
] as const satisfies readonly ChangeReasonCode[];

/** Asks why, for a change that the server records with its reason. What it will do stands on its button. */
export function ReasonForm(props: {
  confirm: string;
  isPending: boolean;
  onConfirm: (reason: ChangeReason) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const selectId = useId();
  const [code, setCode] = useState<(typeof CODES)[number]>();
  const [text, setText] = useState("");
  const note = text.trim();
  // `other` says nothing without words.
  const isComplete = code !== undefined && (code !== "other" || note !== "");
  return (
    <form
      className="reason-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (code !== undefined && isComplete) props.onConfirm(note === "" ? { code } : { code, text: note });
      }}
    >
      <label htmlFor={selectId}>{t("common.reason")}</label>
      <Select
        id={selectId}
        autoFocus
        value={code ?? null}
        onChange={setCode}
        placeholder={t("common.chooseReason")}
        options={CODES.map((value) => ({ value, label: t(`changeReason.${value}`) }))}
      />
      <Input
        aria-label={t("view.note")}
        placeholder={code === "other" ? t("common.reasonText") : t("view.note")}
        maxLength={500}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={!isComplete} loading={props.isPending}>
          {props.confirm}
        </Button>
        <Button onClick={props.onCancel}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}

/** A button that asks why before it acts. */
export function ReasonButton(props: {
  label: string;
  isPending: boolean;
  isDangerous?: boolean;
  isPrimary?: boolean;
  onConfirm: (reason: ChangeReason) => void;
}) {
  const [isAsking, setIsAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button
        type={props.isPrimary === true ? "primary" : "default"}
        danger={props.isDangerous === true}
        loading={props.isPending}
        onClick={() => setIsAsking(true)}
      >
        {props.label}
      </Button>
    );
  }
  return (
    <ReasonForm
      confirm={props.label}
      isPending={props.isPending}
      onCancel={() => setIsAsking(false)}
      onConfirm={(reason) => {
        setIsAsking(false);
        props.onConfirm(reason);
      }}
    />
  );
}
