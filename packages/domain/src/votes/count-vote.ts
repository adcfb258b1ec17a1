import { type Majority, majorityShortfalls, type OwnersVote, type VoteShortfall } from "../owners-vote.ts";

/** What a ballot says. Whoever abstains takes part. */
export const VOTE_CHOICES = ["for", "against", "abstain"] as const;
export type VoteChoice = (typeof VOTE_CHOICES)[number];

/** One head of a motion's roll; its number says nothing of who it is. */
export interface RollHead {
  /** From 1, in an order drawn by lot for each motion. */
  readonly number: number;
  readonly areaDm2: number;
}

/** A ballot of a head. */
export interface CastBallot {
  readonly number: number;
  readonly choice: VoteChoice;
}

/** Heads and area of one choice. */
export interface ChoiceCount {
  readonly heads: number;
  readonly areaDm2: number;
}

/** A count, or the ballot that cannot be one of this roll. */
export type VoteCount =
  | {
      readonly counted: true;
      readonly vote: OwnersVote;
      readonly choices: Readonly<Record<VoteChoice, ChoiceCount>>;
      readonly shortfalls: readonly VoteShortfall[];
      /** Nothing is missing. */
      readonly passed: boolean;
    }
  | {
      readonly counted: false;
      /** `bad-sums`: more was opened than was cast, of a secret vote. */
      readonly fault: "bad-roll" | "unknown-head" | "voted-twice" | "bad-sums";
      readonly number: number;
    };

/**
 * Counts ballots by heads and by area. Nobody who did not vote counts for anything but the totals.
 *
 * @param majority what the motion's matter needs
 */
export function countVote(
  roll: readonly RollHead[],
  ballots: readonly CastBallot[],
  majority: Majority,
): VoteCount {
  const areas = new Map<number, number>();
  let totalArea = 0;
  for (const { number, areaDm2 } of roll) {
    const isGood = Number.isSafeInteger(areaDm2) && areaDm2 > 0 && Number.isSafeInteger(totalArea + areaDm2);
    if (areas.has(number) || !isGood) return { counted: false, fault: "bad-roll", number };
    areas.set(number, areaDm2);
    totalArea += areaDm2;
  }
  const choices = { for: nobody(), against: nobody(), abstain: nobody() };
  const voted = new Set<number>();
  for (const { number, choice } of ballots) {
    const areaDm2 = areas.get(number);
    if (areaDm2 === undefined) return { counted: false, fault: "unknown-head", number };
    if (voted.has(number)) return { counted: false, fault: "voted-twice", number };
    voted.add(number);
    choices[choice].heads += 1;
    choices[choice].areaDm2 += areaDm2;
  }
  const measured = (measure: keyof ChoiceCount, total: number) => ({
    total,
    voted: choices.for[measure] + choices.against[measure] + choices.abstain[measure],
    inFavour: choices.for[measure],
  });
  const vote = { heads: measured("heads", roll.length), areaDm2: measured("areaDm2", totalArea) };
  const shortfalls = majorityShortfalls(vote, majority);
  return { counted: true, vote, choices, shortfalls, passed: shortfalls.length === 0 };
}

function nobody(): { heads: number; areaDm2: number } {
  return { heads: 0, areaDm2: 0 };
}
