/**
 * How the owners voted, as exact integers: persons, and area in square decimetres, so that two decimals of a square
 * metre are whole.
 */
export interface OwnersVote {
  readonly heads: VotedMeasure;
  readonly areaDm2: VotedMeasure;
}

/** All owners, those who took part, those in favour. */
export interface VotedMeasure {
  readonly total: number;
  readonly voted: number;
  readonly inFavour: number;
}

export const VOTE_MEASURES = ["heads", "areaDm2"] as const;
export type VoteMeasure = (typeof VOTE_MEASURES)[number];

/**
 * What a vote lacks:
 * - `impossible`: not integers of 1 or above with in favour ≤ voted ≤ total;
 * - `quorum`: less than two thirds took part; `majority`: not more than half of those who took part were in favour.
 */
export interface VoteShortfall {
  readonly measure: VoteMeasure;
  readonly lacks: "impossible" | "quorum" | "majority";
}

/**
 * Whether owners passed an ordinary matter (Civil Code, article 278: two thirds of both measures take part, more than
 * half of both among them agree).
 *
 * @returns what is missing, in the order of the measures; empty for a motion that passed
 */
export function ordinaryMajorityShortfalls(vote: OwnersVote): readonly VoteShortfall[] {
  return VOTE_MEASURES.flatMap((measure) => {
    const lacks = shortfallOf(vote[measure]);
    return lacks === undefined ? [] : [{ measure, lacks }];
  });
}

function shortfallOf({ total, voted, inFavour }: VotedMeasure): VoteShortfall["lacks"] | undefined {
  const counted = [total, voted, inFavour].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!counted || total < 1 || voted > total || inFavour > voted) return "impossible";
  // Products, so that no fraction is rounded; beyond 2^53 they would be.
  if (BigInt(voted) * 3n < BigInt(total) * 2n) return "quorum";
  return BigInt(inFavour) * 2n > BigInt(voted) ? undefined : "majority";
}
