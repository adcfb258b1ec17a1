import { usePreferences } from "@menshen/ui";
import { en } from "./texts-en.ts";
import { type PaperTexts, zhCN } from "./texts-zh-CN.ts";

/** Texts of the forms; loaded with their page. */
export function usePaperTexts(): PaperTexts {
  return usePreferences().language === "en" ? en : zhCN;
}
