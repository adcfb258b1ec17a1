import type { Outcome, Plan } from "./native-engine.ts";
import { type CommMode, type Refusal, STATUS } from "./native-status.ts";

/** Plans one command from its body and the number of the authenticated key. */
export type Planner = (body: Uint8Array, key: number | undefined) => Plan | { readonly refused: Refusal };
export type CommandGroup = Readonly<Record<number, Planner>>;

/** A plan, or the refusal of a body that is shorter than its header. */
export function planned(
  body: Uint8Array,
  headerBytes: number,
  mode: CommMode,
  payloadBytes: number,
  run: (payload: Uint8Array) => Outcome,
): Plan | { readonly refused: Refusal } {
  return body.length < headerBytes
    ? { refused: STATUS.lengthError }
    : { headerBytes, mode, payloadBytes, run };
}

/** Why an access is denied: nobody is authenticated, or the wrong key is. */
export function denial(key: number | undefined): Refusal {
  return key === undefined ? STATUS.authenticationError : STATUS.permissionDenied;
}
