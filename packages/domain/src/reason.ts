import type { CredentialKind } from "./credential.ts";
import type { Grade } from "./grade.ts";
import type { LockdownLevel } from "./portal.ts";
import type { Instant } from "./time.ts";

/**
 * Why a decision came out as it did: a closed union, codes with values, no personal data. Texts in zh-CN and en stand
 * in `reason-texts.ts`. Codes are part of the journal format: append only, never reuse. `rule` is the rule's number in
 * its community: stable, never used again, so that an old journal entry still names the right rule.
 *
 * A decision says all it knows. What of it stands openly in a journal is less: values that few people share are left out
 * there (`openReasons` of packages/policy), and the fields that may be missing are optional for that.
 */
export type Reason =
  // grants
  | { readonly code: "rule-allows"; readonly rule?: number }
  | { readonly code: "portal-unlocked"; readonly cause: "schedule" | "held-open" | "fire-release" }
  // refusals about the credential
  | { readonly code: "credential-unknown" }
  /** `astray`: reported lost, or its holder left with it; absent where it was stopped for anything else. */
  | { readonly code: "credential-blocked"; readonly astray?: boolean }
  | { readonly code: "credential-not-yet-valid"; readonly from?: Instant }
  | { readonly code: "credential-expired"; readonly until?: Instant }
  | {
      readonly code: "credential-kind-mismatch";
      readonly enrolled: CredentialKind;
      readonly presented: CredentialKind;
    }
  | { readonly code: "credential-downgraded"; readonly enrolled: Grade; readonly presented: Grade }
  | {
      readonly code: "credential-not-authentic";
      readonly detail: "wrong-key" | "protocol-error" | "card-removed" | "replay";
    }
  // refusals about the rule
  | { readonly code: "no-rule-for-access-point" }
  | { readonly code: "outside-schedule"; readonly nextOpening?: Instant; readonly rule?: number }
  | { readonly code: "means-not-allowed"; readonly kind: CredentialKind; readonly rule?: number }
  | {
      readonly code: "grade-too-low";
      readonly grade: Grade;
      readonly minimum?: Grade;
      readonly rule?: number;
    }
  | { readonly code: "rule-not-yet-valid"; readonly from?: Instant; readonly rule?: number }
  | { readonly code: "rule-expired"; readonly until?: Instant; readonly rule?: number }
  // refusals about the door
  | { readonly code: "portal-locked" }
  | { readonly code: "lockdown"; readonly level: LockdownLevel }
  | { readonly code: "access-point-unknown" }
  // refusals about the gate itself: deny on doubt
  | { readonly code: "time-uncertain"; readonly spreadMs: number }
  | { readonly code: "no-snapshot" }
  | { readonly code: "snapshot-outlived"; readonly until: Instant }
  | { readonly code: "evaluation-failed" }
  | { readonly code: "journal-unavailable" }
  // refusals about the public log
  | { readonly code: "credential-not-in-log" }
  // a code on a screen or a paper: phone pass, door answer, visitor's pass, one-time token
  | { readonly code: "pass-allows" }
  | {
      readonly code: "pass-not-accepted";
      readonly detail: "unreadable" | "other-community" | "unknown-signer" | "not-authentic";
    }
  | { readonly code: "pass-not-here" }
  | { readonly code: "pass-not-yet-valid" }
  | { readonly code: "pass-expired" }
  | { readonly code: "pass-outside-hours" }
  /** `uses`: how often it might open at this gate, where that is more than once. */
  | { readonly code: "pass-used"; readonly uses?: number }
  /** The gate cannot know whether it was used: from before its start, or the answer to an older challenge. */
  | { readonly code: "pass-outdated" }
  | { readonly code: "pass-revoked" }
  | { readonly code: "pass-beyond-delegation" }
  | { readonly code: "pass-quota-spent" }
  | { readonly code: "visits-off" }
  // door rules: persons, counts and the order of doors
  /** Refused: they count as inside already; `until`: when that no longer counts. */
  | { readonly code: "anti-passback"; readonly kind: "hard" | "timed"; readonly until?: Instant }
  | { readonly code: "area-full"; readonly limit: number }
  /** Another door of the same group is not closed and locked. */
  | { readonly code: "interlock" }
  /** Not refused for good: a second person presents themselves by `until`. */
  | { readonly code: "second-person-awaited"; readonly until?: Instant }
  | { readonly code: "first-person-missing" }
  | { readonly code: "escort-missing" }
  /** Gates that share an area cannot hear each other, and its setting is to refuse then. */
  | { readonly code: "gates-apart" }
  // marks beside a grant: the door opened, and somebody may want to know
  | { readonly code: "anti-passback-noted" }
  /** Gates cannot hear each other, and the area's setting is to admit then; what is waived would have refused. */
  | {
      readonly code: "door-rule-waived";
      readonly waived: "anti-passback" | "area-full" | "first-person" | "two-persons";
    }
  /** Whoever left leaves one person behind where nobody is to be alone. */
  | { readonly code: "person-left-alone" }
  // one credential is not enough here
  /**
   * Not refused for good: shortly before or after, the same person presents a `pin`, or any `other` credential. `holder`: both
   * came, and the gate does not know whether they are one person's.
   */
  | { readonly code: "second-factor-needed"; readonly missing: "pin" | "other" | "holder" | "visitor" }
  // steps that a person decided about a card
  /** Refused: somebody stopped this card, with a reason that its holder reads and may appeal. */
  | { readonly code: "stopped-by-person" }
  /** A mark beside a grant: the desk asks the holder to come by. */
  | { readonly code: "desk-asks" };

export type ReasonCode = Reason["code"];
