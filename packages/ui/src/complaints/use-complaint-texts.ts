import { usePreferences } from "../preferences.tsx";
import { en } from "./texts-en.ts";
import { type ComplaintTexts, zhCN } from "./texts-zh-CN.ts";

export function useComplaintTexts(): ComplaintTexts {
  return usePreferences().language === "en" ? en : zhCN;
}

/** What went wrong and what to do. */
export function complaintProblem(t: ComplaintTexts, code: string): string {
  return Object.entries(t.problem).find(([name]) => name === code)?.[1] ?? t.problem.other;
}
