import { Button, Input } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";

/** Long enough to be a reason; the server wants as much. */
const SHORTEST = 10;

/** Words and what to do with them, each button its own. */
export function Reasoned(props: {
  label: string;
  shortest?: number;
  actions: readonly {
    readonly name: string;
    readonly isMain?: boolean;
    readonly run: (words: string) => void;
  }[];
  isPending: boolean;
  children?: ReactNode;
}) {
  const { t: text } = useTranslation("cases");
  const { t } = useTranslation();
  const id = useId();
  const [words, setWords] = useState("");
  const [isShort, setIsShort] = useState(false);
  const shortest = props.shortest ?? SHORTEST;
  return (
    <div className="form-field">
      {props.children}
      <label htmlFor={id}>{props.label}</label>
      <Input.TextArea
        id={id}
        rows={2}
        maxLength={1_000}
        value={words}
        status={isShort ? "error" : ""}
        aria-describedby={`${id}-help`}
        onChange={(event) => {
          setWords(event.target.value);
          setIsShort(false);
        }}
      />
      <p id={`${id}-help`} role="alert" className="quiet">
        {isShort ? text("reasonShort") : ""}
      </p>
      <span className="actions">
        {props.actions.map(({ name, isMain, run }) => (
          <Button
            key={name}
            type={isMain === true ? "primary" : "default"}
            loading={props.isPending}
            onClick={() => {
              if (words.trim().length < shortest) setIsShort(true);
              else run(words.trim());
            }}
          >
            {name}
          </Button>
        ))}
        {words === "" ? null : <Button onClick={() => setWords("")}>{t("common.cancel")}</Button>}
      </span>
    </div>
  );
}
