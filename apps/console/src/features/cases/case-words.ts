import type { TFunction } from "i18next";
import { useCallback } from "react";
import { usePreferences } from "../../preferences.tsx";
import type { zhCN } from "./texts/zh-CN.ts";

type CaseText = TFunction<"cases">;
type Rule = keyof typeof zhCN.rule;
type Input = keyof typeof zhCN.input;

const RULES: readonly Rule[] = [
  ...(["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8"] as const),
  ...(["R9", "R10", "R11", "R12", "R13", "R15", "R17", "R18", "R19", "R20", "R21"] as const),
];
const INPUTS: readonly Input[] = [
  ...(["seconds", "fastestSeconds", "toleranceSeconds", "behind", "ahead", "tapsToday"] as const),
  ...([
    "hour",
    "failuresToday",
    "minutesAfter",
    "refusedByGate",
    "timesToday",
    "crossingsBefore",
    "conflictsAlike",
  ] as const),
];

const CARDS = ["uid", "desfire", "ntag424", "wiegand", "phone"] as const;

/** What kind of card a case is about, in words. */
export function cardText(text: CaseText, kind: string): string {
  const known = CARDS.find((one) => one === kind);
  return known === undefined ? text("card.other", { kind }) : text(`card.${known}`);
}

/** A rule in words; its own name for one of a later version. */
export function ruleText(text: CaseText, rule: string): string {
  const known = RULES.find((one) => one === rule);
  return known === undefined ? rule : text(`rule.${known}`);
}

/** What the rule saw, in words; what has none is left out. */
export function inputTexts(text: CaseText, inputs: Readonly<Record<string, number | string>>): string[] {
  return INPUTS.flatMap((name) =>
    inputs[name] === undefined ? [] : [text(`input.${name}`, { value: String(inputs[name]) })],
  );
}

/** A share in per cent, as this person's language writes it. */
export function usePercent(): (share: number) => string {
  const { language } = usePreferences();
  return useCallback(
    (share) => new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(share),
    [language],
  );
}
