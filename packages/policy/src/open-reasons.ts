import type { Reason } from "@menshen/domain";
import type { Snapshot } from "./snapshot.ts";

/**
 * What of a decision's reasons may stand openly in a journal, beside a sealed identity. Codes stay. A rule, what it asks
 * for and when it holds stay if it selects many persons (`COMMON_RULE_PERSONS`); when a credential or somebody's rights
 * begin and end never stays, since whoever knows the register would find the holder by it.
 *
 * @param snapshot by which it was decided; `undefined` if there was none
 */
export function openReasons(snapshot: Snapshot | undefined, reasons: readonly Reason[]): readonly Reason[] {
  return reasons.map((reason) => openReason(snapshot, reason));
}

function openReason(snapshot: Snapshot | undefined, reason: Reason): Reason {
  const isCommon =
    "rule" in reason && reason.rule !== undefined && snapshot?.tables.commonRules.has(reason.rule) === true;
  switch (reason.code) {
    case "rule-allows":
    case "outside-schedule":
      return isCommon ? reason : { code: reason.code };
    case "credential-not-yet-valid":
    case "credential-expired":
      return { code: reason.code };
    case "means-not-allowed":
      return isCommon ? reason : { code: reason.code, kind: reason.kind };
    case "grade-too-low":
      return isCommon ? reason : { code: reason.code, grade: reason.grade };
    case "rule-not-yet-valid":
    case "rule-expired":
      return isCommon && reason.rule !== undefined
        ? { code: reason.code, rule: reason.rule }
        : { code: reason.code };
    case "anti-passback":
      // When it ends says when the holder was last seen.
      return { code: reason.code, kind: reason.kind };
    default:
      return reason;
  }
}

/**
 * Whether a decision says something about the holder that few have in common: no such card, blocked, not yet or no more, too new
 * for the public log.
 * An entry with such a reason carries no pseudonym. One look into the register would name the holder, and with the
 * pseudonym all that the same card did in its epoch.
 */
export function singlesOut(reasons: readonly Reason[]): boolean {
  return reasons.some(({ code }) => SINGLING_OUT.has(code));
}

/**
 * Whether a credential was refused that was reported lost, or whose holder left with it. Whoever uses it is likely not who the
 * register says, and the rule of such uses (R13) must see one card's as one: its entries get a name that leads to no other.
 */
export function isAstray(reasons: readonly Reason[]): boolean {
  return reasons.some((reason) => reason.code === "credential-blocked" && reason.astray === true);
}

const SINGLING_OUT: ReadonlySet<Reason["code"]> = new Set<Reason["code"]>([
  "credential-unknown",
  "credential-blocked",
  "credential-not-yet-valid",
  "credential-expired",
  "rule-not-yet-valid",
  "rule-expired",
  "credential-not-in-log",
  "pass-not-yet-valid",
  "pass-expired",
  "pass-revoked",
]);
