import type { CREDENTIAL_ACTIONS, CredentialState } from "@menshen/wire";
import { refusal } from "../../errors.ts";

/** What happens to a credential in its life. */
export const LIFE_STEPS = [
  "personalise",
  "hand-over",
  "block",
  "unblock",
  "lose",
  "find",
  "return",
  "replace",
  "destroy",
] as const;
export type LifeStep = (typeof LIFE_STEPS)[number];

interface Step {
  readonly from: readonly CredentialState[];
  readonly to: CredentialState;
  readonly action: (typeof CREDENTIAL_ACTIONS)[number];
}

/**
 * The only steps there are. A card that is lost cannot be destroyed, since nobody has it; one that came back or was
 * replaced opens nothing until it is enrolled anew, as another life.
 */
const STEPS: Readonly<Record<LifeStep, Step>> = {
  personalise: { from: ["ordered"], to: "personalised", action: "personalised" },
  "hand-over": { from: ["personalised", "active"], to: "active", action: "handed-over" },
  block: { from: ["active"], to: "blocked", action: "blocked" },
  unblock: { from: ["blocked"], to: "active", action: "unblocked" },
  lose: { from: ["active", "blocked"], to: "lost", action: "lost" },
  find: { from: ["lost"], to: "active", action: "found" },
  return: { from: ["active", "blocked", "lost"], to: "returned", action: "returned" },
  replace: { from: ["active", "blocked", "lost", "returned"], to: "replaced", action: "replaced" },
  destroy: {
    from: ["ordered", "personalised", "active", "blocked", "returned"],
    to: "destroyed",
    action: "destroyed",
  },
};

/** Whether a credential in `state` can take a step. */
export function mayStep(state: CredentialState, step: LifeStep): boolean {
  return STEPS[step].from.includes(state);
}

/** Where a step leads and what the history calls it. Throws `conflict` if there is no such step from `state`. */
export function takeStep(state: CredentialState, step: LifeStep): Pick<Step, "to" | "action"> {
  if (!mayStep(state, step)) {
    const word = state === "replaced" || state === "destroyed" ? "that is final" : `it cannot ${step} now`;
    throw refusal("conflict", `this credential is ${state}: ${word}`);
  }
  const { to, action } = STEPS[step];
  return { to, action };
}
