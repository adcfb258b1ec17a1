import { CREDENTIAL_KINDS, GRADES } from "@menshen/domain";
import { choice, instant, level, optional, uint, variants } from "../schema.ts";

const kind = choice(CREDENTIAL_KINDS);
const grade = choice(GRADES);

/** Numbered by position: part of the journal format, append only. */
export const reasonSchema = variants("code", {
  "rule-allows": { rule: uint() },
  "portal-unlocked": { cause: choice(["schedule", "held-open", "fire-release"]) },
  "credential-unknown": {},
  "credential-blocked": {},
  "credential-not-yet-valid": { from: instant() },
  "credential-expired": { until: instant() },
  "credential-kind-mismatch": { enrolled: kind, presented: kind },
  "credential-downgraded": { enrolled: grade, presented: grade },
  "credential-not-authentic": { detail: choice(["wrong-key", "protocol-error", "card-removed", "replay"]) },
  "no-rule-for-access-point": {},
  "outside-schedule": { nextOpening: optional(instant()) },
  "means-not-allowed": { kind },
  "grade-too-low": { grade, minimum: grade },
  "rule-not-yet-valid": { from: instant() },
  "rule-expired": { until: instant() },
  "portal-locked": {},
  lockdown: { level: level([0, 1, 2, 3]) },
  "access-point-unknown": {},
  "time-uncertain": { spreadMs: uint() },
  "no-snapshot": {},
  "snapshot-outlived": { until: instant() },
  "evaluation-failed": {},
  "journal-unavailable": {},
});
