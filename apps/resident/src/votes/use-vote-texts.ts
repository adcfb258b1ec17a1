import { usePreferences } from "@menshen/ui";
import { en } from "./texts-en.ts";
import { type VoteTexts, zhCN } from "./texts-zh-CN.ts";

/** Texts of the votes' pages, which come with them. */
export function useVoteTexts(): VoteTexts {
  return usePreferences().language === "en" ? en : zhCN;
}
