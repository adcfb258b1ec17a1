import { usePreferences } from "../../preferences.tsx";

/** The language in which this person reads texts that exist in both. */
export function useOwnLanguage(): "zh-CN" | "en" {
  return usePreferences().language === "en" ? "en" : "zh-CN";
}
