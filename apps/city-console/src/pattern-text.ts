import { CITY_CHIPS, type CityPattern } from "@menshen/wire";
import type { useTexts } from "./texts.ts";

/** What communities have in common, in words. */
export function patternText(t: ReturnType<typeof useTexts>, pattern: CityPattern): string {
  const chip = CITY_CHIPS.find((one) => one === pattern.chip);
  const card = chip === undefined ? "" : t.chip[chip];
  switch (pattern.kind) {
    case "batch":
      return t.pattern.batch(card, (pattern.batchPrefix ?? "").toUpperCase());
    case "issue":
      return t.pattern.issue(card, pattern.issuerName ?? pattern.issuer ?? "", pattern.keyVersion);
    case "number":
      return t.pattern.number;
  }
}
