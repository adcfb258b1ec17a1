import { usePreferences } from "@menshen/ui";
import { zhCN } from "./zh-CN.ts";

export type Texts = typeof zhCN;

let english: Texts | undefined;

/** Fetches the English texts: most residents never need them, so the first visit does without. Fails without a network. */
export async function fetchEnglish(): Promise<void> {
  english ??= (await import("./en.ts")).en;
}

/** All texts in this person's language; a text that one language lacks is a type error. */
export function useTexts(): Texts {
  return usePreferences().language === "en" && english !== undefined ? english : zhCN;
}

/** What went wrong and what to do, for a server's code or one of this app. */
export function problemText(texts: Texts, code: string): string {
  const known = Object.entries(texts.problem).find(([name]) => name === code);
  return known?.[1] ?? texts.problem.other;
}
