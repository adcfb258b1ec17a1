import { usePreferences } from "@menshen/ui";
import { en } from "./texts-en.ts";
import { type CardsAskedTexts, zhCN } from "./texts-zh-CN.ts";

/** Texts of the page about cards in question, which come with it. */
export function useCardsAskedTexts(): CardsAskedTexts {
  return usePreferences().language === "en" ? en : zhCN;
}
