import { usePreferences } from "@menshen/ui";
import { en } from "./en.ts";
import { zhCN } from "./zh-CN.ts";

export type Texts = typeof zhCN;

/** All texts in this person's language; a text that one language lacks is a type error. */
export function useTexts(): Texts {
  return usePreferences().language === "en" ? en : zhCN;
}

/** What went wrong and what to do, for a server's code or one of this app. */
export function problemText(texts: Texts, code: string): string {
  const known = Object.entries(texts.problem).find(([name]) => name === code);
  return known?.[1] ?? texts.problem.other;
}
