import { usePreferences } from "@menshen/ui";
import { consentEn } from "./texts-en.ts";
import { type ConsentTexts, consentZhCN } from "./texts-zh-CN.ts";

/** Texts of this part of the app, which is fetched when it is opened. */
export function useConsentTexts(): ConsentTexts {
  return usePreferences().language === "en" ? consentEn : consentZhCN;
}

/** The half of a text in both languages that this person reads. */
export function useOwnLanguage(): (texts: { readonly "zh-CN": string; readonly en: string }) => string {
  const { language } = usePreferences();
  return (texts) => texts[language === "en" ? "en" : "zh-CN"];
}
