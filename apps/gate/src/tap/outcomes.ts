import type { Decision } from "@menshen/domain";
import type { PresenceAnswer } from "../presence/presence-room.ts";

/** What the door rules make of a grant. */
export function withAnswer(decision: Decision, answer: PresenceAnswer | undefined): Decision {
  if (answer === undefined || (answer.admitted && answer.reasons.length === 0)) return decision;
  if (!answer.admitted) return { granted: false, reasons: answer.reasons };
  return { granted: true, reasons: [...decision.reasons, ...answer.reasons] };
}

/** A door that stands open asks nobody. */
export function isByRule({ reasons }: Decision): boolean {
  return reasons.some(({ code }) => code === "rule-allows");
}

export function isNobodys({ reasons }: Decision): boolean {
  return reasons.some(({ code }) => code === "credential-unknown");
}
