import type { Reason } from "@menshen/domain";
import type { Remedy } from "@menshen/wire";
import { optional } from "../../database/records.ts";

/** What is known about the rules in question, for naming what to change. */
export interface RuleHint {
  readonly ruleId?: string;
  readonly scheduleId?: string;
  readonly means?: Remedy["means"];
}

/** What would have to change for a decision with these reasons to come out as a grant; the same remedy once. */
export function remediesFor(reasons: readonly Reason[], hint: RuleHint): Remedy[] {
  const remedies = reasons.map((reason) => remedyFor(reason, hint));
  const texts = remedies.map((remedy) => JSON.stringify(remedy));
  return remedies.filter((_, index) => texts.indexOf(texts[index] ?? "") === index);
}

function remedyFor(reason: Reason, hint: RuleHint): Remedy {
  const rule = optional("ruleId", hint.ruleId);
  const schedule = optional("scheduleId", hint.scheduleId);
  switch (reason.code) {
    case "rule-allows":
    case "portal-unlocked":
      return { code: "none-needed" };
    case "credential-unknown":
      return { code: "enrol-credential" };
    case "credential-blocked":
      return { code: "unblock-credential" };
    case "credential-not-yet-valid":
      return { code: "wait-until", ...optional("at", reason.from) };
    case "credential-expired":
      return { code: "extend-credential", ...optional("at", reason.until) };
    case "credential-kind-mismatch":
    case "credential-downgraded":
    case "stopped-by-person":
      return { code: "check-card" };
    case "credential-not-authentic":
      return { code: reason.detail === "card-removed" ? "present-again" : "check-card" };
    case "pass-allows":
      return { code: "none-needed" };
    case "pass-not-yet-valid":
    case "pass-outside-hours":
      return { code: "wait-until" };
    case "pass-not-accepted":
    case "pass-not-here":
    case "pass-expired":
    case "pass-used":
    case "pass-outdated":
    case "pass-revoked":
    case "pass-beyond-delegation":
    case "pass-quota-spent":
      return { code: "renew-pass" };
    case "visits-off":
      return { code: "use-other-means" };
    case "credential-not-in-log":
      return { code: "present-again" };
    case "no-rule-for-access-point":
      return { code: "add-rule" };
    case "outside-schedule":
      return { code: "wait-until", ...optional("at", reason.nextOpening), ...rule, ...schedule };
    case "means-not-allowed":
      return { code: "use-other-means", ...optional("means", hint.means), ...rule };
    case "grade-too-low":
      return { code: "use-better-credential", ...optional("minimumGrade", reason.minimum) };
    case "rule-not-yet-valid":
      return { code: "wait-until", ...optional("at", reason.from), ...rule };
    case "rule-expired":
      return { code: "extend-rule", ...optional("at", reason.until), ...rule };
    case "portal-locked":
      return { code: "end-locked-mode" };
    case "lockdown":
      return { code: "end-lockdown" };
    case "access-point-unknown":
      return { code: "install-access-point" };
    case "time-uncertain":
      return { code: "restore-gate-clock" };
    case "no-snapshot":
    case "snapshot-outlived":
      return { code: "publish-snapshot" };
    case "evaluation-failed":
    case "journal-unavailable":
      return { code: "repair-gate" };
    case "anti-passback":
      return { code: "forgive-person", ...optional("at", reason.until) };
    case "area-full":
      return { code: "correct-count" };
    case "interlock":
      return { code: "close-other-door" };
    case "second-person-awaited":
    case "first-person-missing":
    case "escort-missing":
      return { code: "go-in-together" };
    case "second-factor-needed":
      return { code: "show-both" };
    case "gates-apart":
      return { code: "connect-gates" };
    case "anti-passback-noted":
    case "door-rule-waived":
    case "person-left-alone":
    case "desk-asks":
      return { code: "none-needed" };
  }
}
