import { usePreferences } from "@menshen/ui";
import { en } from "./en.ts";
import { zhCN } from "./zh-CN.ts";

export type Texts = typeof zhCN;

/** All texts in this person's language; a text that one language lacks is a type error. */
export function useTexts(): Texts {
  return usePreferences().language === "en" ? en : zhCN;
}

/** A topic in words; one of a later version stays as it is written. */
export function topicName(t: Texts, topic: string): string {
  const found = Object.entries(t.topic).find(([name]) => name === topic);
  return found?.[1] ?? (topic === "unknown" ? t.topics.unknown : topic);
}
