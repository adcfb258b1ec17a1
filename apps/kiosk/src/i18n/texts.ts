import type { Language } from "@menshen/ui";
import { en } from "./en.ts";
import { type Texts, zhCN } from "./zh-CN.ts";

/** All texts; one that a language lacks is a type error. */
export const TEXTS: Readonly<Record<Language, Texts>> = { "zh-CN": zhCN, en };

/** The language that stands small beside the one chosen: whoever cannot read the one reads the other, untouched. */
export function otherLanguage(language: Language): Language {
  return language === "en" ? "zh-CN" : "en";
}
