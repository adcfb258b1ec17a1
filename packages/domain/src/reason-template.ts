import type { Reason, ReasonCode } from "./reason.ts";
import type { Instant } from "./time.ts";

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

/** The reason with each code. */
export type ReasonOf = { readonly [Code in ReasonCode]: Extract<Reason, { code: Code }> };

/** One template for every reason code: a language without one of them does not compile. */
export type ReasonTexts = {
  readonly [Code in ReasonCode]: (reason: ReasonOf[Code], format: ReasonFormat) => ReasonText;
};
