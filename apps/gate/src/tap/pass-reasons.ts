import type {
  DoorAnswerRefusal,
  PhonePassRefusal,
  VisitorPassRefusal,
  VisitTokenRefusal,
} from "@menshen/credentials";
import { Instant, type Reason, TimeInterval } from "@menshen/domain";

const NEVER = TimeInterval(Instant(0), Instant(0));

export type PassRefusal = PhonePassRefusal | DoorAnswerRefusal | VisitorPassRefusal | VisitTokenRefusal;

/** What a code's verification found, as a decision says it. */
export function passReason(refusal: PassRefusal, { earliest, latest }: TimeInterval): Reason {
  switch (refusal) {
    case "malformed":
    case "unknown-version":
      return { code: "pass-not-accepted", detail: "unreadable" };
    case "other-community":
      return { code: "pass-not-accepted", detail: "other-community" };
    case "unknown-signer":
    case "unknown-key":
      return { code: "pass-not-accepted", detail: "unknown-signer" };
    case "not-authentic":
      return { code: "pass-not-accepted", detail: "not-authentic" };
    case "other-door":
    case "other-door-group":
      return { code: "pass-not-here" };
    case "expired":
      return { code: "pass-expired" };
    case "not-yet-valid":
      return { code: "pass-not-yet-valid" };
    case "outside-hours":
      return { code: "pass-outside-hours" };
    case "time-uncertain":
      return { code: "time-uncertain", spreadMs: latest - earliest };
    case "used":
    case "used-up":
    case "spent":
      return { code: "pass-used" };
    case "other-challenge":
    case "before-memory":
    case "memory-full":
      return { code: "pass-outdated" };
    case "revoked":
      return { code: "pass-revoked" };
    case "beyond-delegation":
      return { code: "pass-beyond-delegation" };
  }
}

/** Whether the signer is known although the code was refused: the signature held, and something else did not. */
export function isSigned(refusal: PassRefusal): boolean {
  const { code } = passReason(refusal, NEVER);
  return code !== "pass-not-accepted";
}
