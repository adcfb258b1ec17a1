import { StateMark } from "@menshen/ui";
import type { NoticeDraft } from "@menshen/wire";
import { App, Button, Radio } from "antd";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { useOwnLanguage } from "./use-own-language.ts";

/** The drafts of both notices, whole, to be copied or printed; what is missing is named. */
export function Drafts(props: {
  drafts: readonly NoticeDraft[];
  /** Puts the text alone on the paper. */
  onPrint: (text: string | undefined) => void;
}) {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const { message } = App.useApp();
  const [chosen, setChosen] = useState<"zh-CN" | "en">(own);
  const printOne = (draft: string) => {
    flushSync(() => props.onPrint(draft));
    print();
    props.onPrint(undefined);
  };
  return (
    <section className="section" aria-labelledby="drafts">
      <h2 id="drafts">{text("drafts.title")}</h2>
      <p className="quiet">{text("drafts.help")}</p>
      <Radio.Group
        aria-label={text("drafts.language")}
        optionType="button"
        value={chosen}
        onChange={({ target }) => setChosen(target.value === "en" ? "en" : "zh-CN")}
        options={[
          { value: "zh-CN", label: "中文" },
          { value: "en", label: "English" },
        ]}
      />
      <div className="drafts">
        {props.drafts.map((draft) => (
          <article key={draft.to} aria-labelledby={`draft-${draft.to}`}>
            <h3 id={`draft-${draft.to}`}>{text(`drafts.${draft.to}`)}</h3>
            {draft.missing.length === 0 ? (
              <StateMark tone="granted">{text("drafts.complete")}</StateMark>
            ) : (
              <StateMark tone="refused">
                {text("drafts.missing", {
                  items: draft.missing.map((item) => text(`words.${item}`)).join(" · "),
                })}
              </StateMark>
            )}
            <div className="notice-draft" lang={chosen}>
              {draft[chosen]}
            </div>
            <span className="actions">
              <Button
                onClick={() => {
                  void navigator.clipboard
                    .writeText(draft[chosen])
                    .then(() => message.success(text("drafts.copied")));
                }}
              >
                {text("drafts.copy")}
              </Button>
              <Button onClick={() => printOne(draft[chosen])}>{text("drafts.print")}</Button>
            </span>
          </article>
        ))}
      </div>
    </section>
  );
}
