import { REASON_TEXTS, type Reason, type ReasonCode, reasonText } from "@menshen/domain";

/** What whoever was refused can do now. */
export type NextStep = "later" | "other-way" | "ask";

/** For reasons whose own words say what a guard can do: whoever stands before the screen is none. */
const STEPS: { readonly [Code in ReasonCode]?: NextStep } = {
  "credential-not-yet-valid": "later",
  "rule-not-yet-valid": "later",
  "outside-schedule": "later",
  "credential-expired": "ask",
  "rule-expired": "ask",
  "no-rule-for-access-point": "ask",
  "means-not-allowed": "other-way",
  "grade-too-low": "other-way",
  "portal-locked": "other-way",
  lockdown: "other-way",
  "access-point-unknown": "other-way",
  "time-uncertain": "other-way",
  "no-snapshot": "other-way",
  "snapshot-outlived": "other-way",
  "evaluation-failed": "other-way",
  "journal-unavailable": "other-way",
  "anti-passback": "ask",
  "gates-apart": "other-way",
};

export interface Explanation {
  /** Why the door stayed shut, in a sentence; undefined for a reason that this version has no words for. */
  readonly why: string | undefined;
  /** What to do now, in a sentence or as a step. */
  readonly next: string | { readonly step: NextStep };
}

/**
 * The reason that decided, for people before the screen: times in the community's zone, and no names, not even of rules.
 *
 * @throws {RangeError} for a time zone that the browser does not know
 */
export function explain(
  deciding: Reason | undefined,
  language: "zh-CN" | "en",
  timeZone: string | undefined,
): Explanation {
  if (deciding === undefined || !Object.hasOwn(REASON_TEXTS[language], deciding.code)) {
    return { why: undefined, next: { step: "ask" } };
  }
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  const { why, next } = reasonText(deciding, language, { instant: (at) => format.format(at) });
  const step = STEPS[deciding.code];
  return { why, next: step === undefined ? (next ?? { step: "ask" }) : { step } };
}
