import { usePreferences } from "@menshen/ui";
import { en } from "./texts-en.ts";
import { type MessageTexts, zhCN } from "./texts-zh-CN.ts";

/** Texts of the page of messages, which come with it. */
export function useMessageTexts(): MessageTexts {
  return usePreferences().language === "en" ? en : zhCN;
}
