import type { Decision } from "./decision.ts";
import type { Reason, ReasonCode } from "./reason.ts";
import type { ReasonFormat, ReasonOf, ReasonText, ReasonTexts } from "./reason-template.ts";
import { ENGLISH } from "./reason-texts-en.ts";
import { CHINESE } from "./reason-texts-zh.ts";

export type Locale = "zh-CN" | "en";

export const REASON_TEXTS: Readonly<Record<Locale, ReasonTexts>> = { "zh-CN": CHINESE, en: ENGLISH };

/** What happened, why and what to do, for one reason. */
export function reasonText(reason: Reason, locale: Locale, format: ReasonFormat): ReasonText {
  return fill(reason.code, reason, locale, format);
}

function fill<Code extends ReasonCode>(
  code: Code,
  reason: ReasonOf[Code],
  locale: Locale,
  format: ReasonFormat,
): ReasonText {
  return REASON_TEXTS[locale][code](reason, format);
}

/** A decision in one line: what happened, every reason in order, and what the deciding one asks for. */
export function decisionText(decision: Decision, locale: Locale, format: ReasonFormat): string {
  const texts = decision.reasons.map((reason) => reasonText(reason, locale, format));
  const [deciding] = texts;
  if (deciding === undefined) return "";
  const sentences = [deciding.what, ...texts.map((text) => text.why), deciding.next ?? ""];
  return sentences.filter((sentence) => sentence !== "").join(locale === "en" ? " " : "");
}
