import { type Majority, majorityShortfalls } from "../owners-vote.ts";
import { type ChoiceCount, countVote, type RollHead, type VoteCount } from "./count-vote.ts";

/** What was opened of a secret vote. */
export interface OpenedMeasures {
  readonly heads: { readonly inFavour: number; readonly against: number };
  readonly areaDm2: { readonly inFavour: number; readonly against: number };
}

const NO_CHOICE: ChoiceCount = { heads: 0, areaDm2: 0 };

/**
 * Counts a secret vote: who took part is known by number, what they said only in sums. Whoever took part and is in neither sum
 * abstained.
 *
 * @param sums `undefined` as long as nothing is opened: then only the quorum is judged, and nothing passes
 */
export function countOpenedSums(
  roll: readonly RollHead[],
  voted: readonly number[],
  sums: OpenedMeasures | undefined,
  majority: Majority,
): VoteCount {
  const abstaining = voted.map((number) => ({ number, choice: "abstain" as const }));
  const counted = countVote(roll, abstaining, majority);
  if (!counted.counted || sums === undefined) return counted;
  const all = counted.choices.abstain;
  const choices = { for: NO_CHOICE, against: NO_CHOICE, abstain: NO_CHOICE };
  for (const measure of ["heads", "areaDm2"] as const) {
    const { inFavour, against } = sums[measure];
    const abstained = all[measure] - inFavour - against;
    if (![inFavour, against, abstained].every((sum) => Number.isSafeInteger(sum) && sum >= 0)) {
      return { counted: false, fault: "bad-sums", number: 0 };
    }
    choices.for = { ...choices.for, [measure]: inFavour };
    choices.against = { ...choices.against, [measure]: against };
    choices.abstain = { ...choices.abstain, [measure]: abstained };
  }
  const measured = (measure: keyof ChoiceCount) => ({
    ...counted.vote[measure],
    inFavour: sums[measure].inFavour,
  });
  const vote = { heads: measured("heads"), areaDm2: measured("areaDm2") };
  const shortfalls = majorityShortfalls(vote, majority);
  return { counted: true, vote, choices, shortfalls, passed: shortfalls.length === 0 };
}

/** Two thirds of both measures took part: without, a vote comes to nothing, and a secret one is never opened. */
export function hasQuorum(counted: VoteCount): boolean {
  return counted.counted && counted.shortfalls.every(({ lacks }) => lacks === "majority");
}
