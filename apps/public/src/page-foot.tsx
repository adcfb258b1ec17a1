import { usePreferences } from "@menshen/ui";
import { useTexts } from "./i18n/texts.ts";

/** Language and appearance, below every page. */
export function Foot() {
  const t = useTexts();
  const { language, setLanguage, isDark, setAppearance } = usePreferences();
  const other = language === "en" ? "zh-CN" : "en";
  return (
    <footer className="plain-foot plain-no-print">
      <button type="button" className="plain-link" lang={other} onClick={() => setLanguage(other)}>
        {t.common.language}
      </button>
      <button type="button" className="plain-link" onClick={() => setAppearance(isDark ? "light" : "dark")}>
        {isDark ? t.common.light : t.common.dark}
      </button>
    </footer>
  );
}
