import { usePreferences } from "@menshen/ui";
import { householdEn } from "./texts-en.ts";
import { type HouseholdTexts, householdZhCN } from "./texts-zh-CN.ts";

/** Texts of this part of the app, which is fetched when it is opened. */
export function useHouseholdTexts(): HouseholdTexts {
  return usePreferences().language === "en" ? householdEn : householdZhCN;
}
