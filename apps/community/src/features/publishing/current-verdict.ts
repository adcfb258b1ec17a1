import { Duration, Instant } from "@menshen/domain";
import { type CommunityModel, checkPolicy, type PolicyVerdict } from "@menshen/policy";
import type { Clock } from "../../clock.ts";
import { CHECK_AHEAD } from "./policy-watch.ts";

/** What the policy check found holds this long for an unchanged model: time alone brings new alarms. */
export const VERDICT_FRESH = Duration.hours(1);

/** What the policy check says of the model in force. */
export interface CurrentVerdict {
  readonly of: (model: CommunityModel) => PolicyVerdict;
  /** The last one, whatever model it was of. */
  readonly last: () => PolicyVerdict | undefined;
}

/** Keeps the verdict of the newest model, since several ask for the same one. */
export function makeCurrentVerdict(clock: Clock): CurrentVerdict {
  let checked:
    | { readonly model: CommunityModel; readonly verdict: PolicyVerdict; readonly at: number }
    | undefined;
  return {
    of(model) {
      const at = clock.now();
      if (checked?.model === model && at - checked.at < VERDICT_FRESH) return checked.verdict;
      // Changes were checked before they were committed: what is missing now is somebody's to look at, not to refuse.
      const verdict = checkPolicy(model, { at, until: Instant(at + CHECK_AHEAD), previous: model });
      checked = { model, verdict, at };
      return verdict;
    },
    last: () => checked?.verdict,
  };
}
