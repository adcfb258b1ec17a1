import type { RequestRefusal } from "@menshen/custody";

/** What the program looks at before a custodian may say yes, in the order in which it does. */
export const CHECKS = ["clock", "scope", "logged", "witnesses", "oneLog", "time", "called", "share"] as const;
export type Check = (typeof CHECKS)[number];

/** A check that held, one that failed, and one that was not come to because another failed before. */
export type CheckResult = "held" | "failed" | "open";

/** Which check a refusal is about. */
const FAILED: Readonly<Record<RequestRefusal, Check>> = {
  "clock-went-back": "clock",
  "not-a-request": "scope",
  "keys-unusable": "logged",
  "not-in-log": "logged",
  "too-few-witnesses": "witnesses",
  "clock-behind": "clock",
  "log-forked": "oneLog",
  "log-unproven": "oneLog",
  "not-yet": "time",
  "deadline-passed": "time",
  "not-on-call": "called",
  "request-changed": "called",
  "shares-gone": "share",
};

/**
 * The checks one by one, from the one answer that the program gives. Only what was surely looked at before the refusal
 * counts as held.
 */
export function checklistOf(refusal: RequestRefusal | undefined): Readonly<Record<Check, CheckResult>> {
  const failed = refusal === undefined ? undefined : FAILED[refusal];
  // Found out by the witnesses' time: everything up to them has held.
  const reached = refusal === "clock-behind" ? "oneLog" : failed;
  const result = (check: Check): CheckResult => {
    if (check === failed) return "failed";
    if (reached === undefined) return "held";
    return CHECKS.indexOf(check) < CHECKS.indexOf(reached) ? "held" : "open";
  };
  return {
    clock: result("clock"),
    scope: result("scope"),
    logged: result("logged"),
    witnesses: result("witnesses"),
    oneLog: result("oneLog"),
    time: result("time"),
    called: result("called"),
    share: result("share"),
  };
}
