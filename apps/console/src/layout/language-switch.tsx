import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { type Language, usePreferences } from "../preferences.tsx";

export function LanguageSwitch() {
  const { t } = useTranslation();
  const { language, setLanguage } = usePreferences();
  return (
    <Segmented<Language>
      aria-label={t("session.language")}
      value={language}
      onChange={setLanguage}
      options={[
        { value: "zh-CN", label: "中文" },
        { value: "en", label: "English" },
      ]}
    />
  );
}
