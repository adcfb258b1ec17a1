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

/** Of those who took part, by both measures: more than half, or three quarters and above. */
export const MAJORITIES = ["more-than-half", "three-quarters"] as const;
export type Majority = (typeof MAJORITIES)[number];

/**
 * What a vote lacks:
 * - `impossible`: not integers of 1 or above with in favour ≤ voted ≤ total;
 * - `quorum`: less than two thirds took part;
 * - `majority`: too few of those who took part were in favour.
 */
export interface VoteShortfall {
  readonly measure: VoteMeasure;
  readonly lacks: "impossible" | "quorum" | "majority";
}

/**
 * Whether owners passed a matter (Civil Code, article 278: two thirds of both measures take part; among them more than
 * half of both agree, or three quarters for items 6 to 8).
 *
 * @returns what is missing, in the order of the measures; empty for a motion that passed
 */
export function majorityShortfalls(vote: OwnersVote, majority: Majority): readonly VoteShortfall[] {
  return VOTE_MEASURES.flatMap((measure) => {
    const lacks = shortfallOf(vote[measure], majority);
    return lacks === undefined ? [] : [{ measure, lacks }];
  });
}

/** {@link majorityShortfalls} of an ordinary matter. */
export function ordinaryMajorityShortfalls(vote: OwnersVote): readonly VoteShortfall[] {
  return majorityShortfalls(vote, "more-than-half");
}

function shortfallOf(
  { total, voted, inFavour }: VotedMeasure,
  majority: Majority,
): VoteShortfall["lacks"] | undefined {
  const counted = [total, voted, inFavour].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!counted || total < 1 || voted > total || inFavour > voted) return "impossible";
  // Products, so that no fraction is rounded; beyond 2^53 they would be.
  if (BigInt(voted) * 3n < BigInt(total) * 2n) return "quorum";
  const agreed =
    majority === "three-quarters"
      ? BigInt(inFavour) * 4n >= BigInt(voted) * 3n
      : BigInt(inFavour) * 2n > BigInt(voted);
  // Nobody who took part is no three quarters of anything.
  return agreed && voted > 0 ? undefined : "majority";
}

/** One threshold of a vote: `has` of `of`, where `needs` is the least that reaches it. */
export interface VoteThreshold {
  readonly measure: VoteMeasure;
  readonly of: "quorum" | "majority";
  readonly has: number;
  readonly total: number;
  readonly needs: number;
  readonly met: boolean;
}

/** The four thresholds of a vote with their exact numbers, for people: what {@link majorityShortfalls} decides. */
export function thresholdsOf(vote: OwnersVote, majority: Majority): readonly VoteThreshold[] {
  return VOTE_MEASURES.flatMap((measure): VoteThreshold[] => {
    const { total, voted, inFavour } = vote[measure];
    const quorum = Number((BigInt(total) * 2n + 2n) / 3n);
    const agreed =
      majority === "three-quarters"
        ? Number((BigInt(voted) * 3n + 3n) / 4n)
        : Number(BigInt(voted) / 2n + 1n);
    return [
      { measure, of: "quorum", has: voted, total, needs: quorum, met: voted >= quorum },
      {
        measure,
        of: "majority",
        has: inFavour,
        total: voted,
        needs: Math.max(agreed, 1),
        met: voted > 0 && inFavour >= agreed,
      },
    ];
  });
}
