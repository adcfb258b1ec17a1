import { followCustodianSets, type ShownSet } from "../custodian-set.ts";
import { isEndorsedPolicy, type ShownPolicy } from "../witness-policy.ts";
import type { PinnedLog, StoreContents } from "./store-contents.ts";

/**
 * The log as the program believes it from now on: the shown policy, if it is newer than the pinned one and enough
 * custodians endorsed it, of the set that the program knows or of one that followed it. To be asked before the program
 * follows to later sets: what those before them agreed to counts until then.
 *
 * @param shownSets all sets that were in force, the oldest first
 * @returns the pinned log itself if nothing changes
 */
export function adoptWitnessPolicy(
  contents: StoreContents,
  shownSets: readonly ShownSet[],
  shown: ShownPolicy,
): PinnedLog {
  const { log, custodians } = contents;
  if (custodians === undefined) return log;
  const followed = followCustodianSets(custodians, shownSets);
  if (!followed.followed || !isEndorsedPolicy(log.policyVersion ?? 0, shown, followed.sets)) return log;
  const { version, logKey, witnesses, quorum } = shown.policy;
  return { origin: log.origin, logKey, witnesses, quorum, policyVersion: version };
}
