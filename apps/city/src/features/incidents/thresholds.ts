import { FEWEST_SHOWN } from "@menshen/wire";

/** When a pattern is one, and what is shown of it. docs/protocol/city-link.md gives the reasons. */
export interface Thresholds {
  /** Communities with the same batch, or the same issuer and key version. At least three. */
  readonly communities: number;
  /** Communities with the same number: two, since numbers of a maker do not come twice by chance. */
  readonly communitiesOfNumber: number;
  readonly weeks: number;
  readonly evaluationsADay: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  communities: 4,
  communitiesOfNumber: 2,
  weeks: 26,
  evaluationsADay: 100,
};

/** From how many communities on a pattern opens an incident. */
export function threshold(pattern: string, thresholds: Thresholds): number {
  return pattern.startsWith("number:") ? thresholds.communitiesOfNumber : thresholds.communities;
}

/** A count of communities as it may be told: none, or three and more; one and two look alike. */
export function shown(communities: number): { readonly communities?: number } {
  return communities === 0 || communities >= FEWEST_SHOWN ? { communities } : {};
}
