import { CREDENTIAL_KINDS, GRADES, type ReasonCode } from "@menshen/domain";
import { WireError } from "../errors.ts";
import { bool, choice, instant, level, optional, uint, variants } from "../schema.ts";

const kind = choice(CREDENTIAL_KINDS);
const grade = choice(GRADES);

/** Numbered by position: part of the journal format, append only. */
export const reasonSchema = variants("code", {
  "rule-allows": { rule: optional(uint()) },
  "portal-unlocked": { cause: choice(["schedule", "held-open", "fire-release"]) },
  "credential-unknown": {},
  "credential-blocked": { astray: optional(bool()) },
  "credential-not-yet-valid": { from: optional(instant()) },
  "credential-expired": { until: optional(instant()) },
  "credential-kind-mismatch": { enrolled: kind, presented: kind },
  "credential-downgraded": { enrolled: grade, presented: grade },
  "credential-not-authentic": { detail: choice(["wrong-key", "protocol-error", "card-removed", "replay"]) },
  "no-rule-for-access-point": {},
  "outside-schedule": { nextOpening: optional(instant()), rule: optional(uint()) },
  "means-not-allowed": { kind, rule: optional(uint()) },
  "grade-too-low": { grade, minimum: optional(grade), rule: optional(uint()) },
  "rule-not-yet-valid": { from: optional(instant()), rule: optional(uint()) },
  "rule-expired": { until: optional(instant()), rule: optional(uint()) },
  "portal-locked": {},
  lockdown: { level: level([0, 1, 2, 3]) },
  "access-point-unknown": {},
  "time-uncertain": { spreadMs: uint() },
  "no-snapshot": {},
  "snapshot-outlived": { until: instant() },
  "evaluation-failed": {},
  "journal-unavailable": {},
  "credential-not-in-log": {},
  "pass-allows": {},
  "pass-not-accepted": {
    detail: choice(["unreadable", "other-community", "unknown-signer", "not-authentic"]),
  },
  "pass-not-here": {},
  "pass-not-yet-valid": {},
  "pass-expired": {},
  "pass-outside-hours": {},
  "pass-used": { uses: optional(uint()) },
  "pass-outdated": {},
  "pass-revoked": {},
  "pass-beyond-delegation": {},
  "pass-quota-spent": {},
  "visits-off": {},
  "anti-passback": { kind: choice(["hard", "timed"]), until: optional(instant()) },
  "area-full": { limit: uint() },
  interlock: {},
  "second-person-awaited": { until: optional(instant()) },
  "first-person-missing": {},
  "escort-missing": {},
  "gates-apart": {},
  "anti-passback-noted": {},
  "door-rule-waived": { waived: choice(["anti-passback", "area-full", "first-person", "two-persons"]) },
  "person-left-alone": {},
  "second-factor-needed": { missing: choice(["pin", "other", "holder", "visitor"]) },
  "stopped-by-person": {},
  "desk-asks": {},
});

const numbers = new Map(
  reasonSchema.wire.kind === "variants"
    ? reasonSchema.wire.variants.map(({ name }, index) => [name, index] as const)
    : [],
);

/** The number that stands for a reason's code on the wire. */
export function reasonNumber(code: ReasonCode): number {
  const number = numbers.get(code);
  if (number === undefined) throw new WireError("invalid", "reason: expected a code that has a number");
  return number;
}

const codes = new Map([...numbers].map(([code, number]) => [number, code]));

/** The code that a number stands for; undefined for one of a later version. */
export function reasonCodeOf(number: number): string | undefined {
  return codes.get(number);
}
