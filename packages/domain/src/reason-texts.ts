import type { Decision } from "./decision.ts";
import type { Reason, ReasonCode } from "./reason.ts";
import { ENGLISH } from "./reason-texts-en.ts";
import { CHINESE } from "./reason-texts-zh.ts";
import type { Instant } from "./time.ts";

export type Locale = "zh-CN" | "en";

/** How a text writes values that depend on the place: the community's time zone, its names of rules. */
export interface ReasonFormat {
  /** Local date and time of an instant, e.g. `22 Nov, 08:00`. */
  readonly instant: (at: Instant) => string;
  /** The rule's name, or undefined if whoever reads may not see it or it is gone. */
  readonly ruleName?: (rule: number) => string | undefined;
}

/** One reason in words, each part a whole sentence. */
export interface ReasonText {
  readonly what: string;
  readonly why: string;
  /** What to do now; absent if there is nothing to do. */
  readonly next?: string;
}

type ReasonOf = { readonly [Code in ReasonCode]: Extract<Reason, { code: Code }> };

/** One template for every reason code: a language without one of them does not compile. */
export type ReasonTexts = {
  readonly [Code in ReasonCode]: (reason: ReasonOf[Code], format: ReasonFormat) => ReasonText;
};

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
