import { usePreferences } from "@menshen/ui";
import { otherLanguage, TEXTS } from "../i18n/texts.ts";
import type { Texts } from "../i18n/zh-CN.ts";

/** One sentence in both languages, the chosen one large. */
export function Both(props: { say: (texts: Texts, language: "zh-CN" | "en") => string }) {
  const { language } = usePreferences();
  const other = otherLanguage(language);
  return (
    <>
      <span className="both__main">{props.say(TEXTS[language], language)}</span>
      <span className="both__other" lang={other}>
        {props.say(TEXTS[other], other)}
      </span>
    </>
  );
}
