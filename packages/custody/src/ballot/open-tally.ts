import { RistrettoElement, RistrettoScalar } from "@menshen/crypto";
import type { EpochKey } from "../epoch-key.ts";
import { lagrangeAtZero, sumOf } from "../shares.ts";
import { smallLogarithms } from "./small-logarithm.ts";
import { pairsOf, type SealedTally } from "./tally.ts";
import { faultOfTallyShare, type TallyShare, type TallyShareFault } from "./tally-share.ts";

/** What the ballots of a motion come to; whoever took part and is in neither abstained. */
export interface OpenedSums {
  readonly heads: { readonly inFavour: number; readonly against: number };
  readonly areaDm2: { readonly inFavour: number; readonly against: number };
}

/** A share that did not count. The index is what it claims. */
export interface RejectedShare {
  readonly index: number;
  readonly fault: TallyShareFault;
}

/** What {@link openTally} came to. `no-sum`: ballots were added up that were not verified. */
export type TallyOpening =
  | { readonly opened: true; readonly sums: OpenedSums; readonly rejected: readonly RejectedShare[] }
  | {
      readonly opened: false;
      readonly reason: "too-few" | "no-sum";
      readonly rejected: readonly RejectedShare[];
    };

/**
 * Opens the sums with the shares of k distinct custodians; any k good ones give the same.
 *
 * @param voted heads and area of those who took part: no sum is above
 */
export function openTally(input: {
  readonly key: EpochKey;
  readonly tally: SealedTally;
  readonly shares: readonly TallyShare[];
  readonly voted: { readonly heads: number; readonly areaDm2: number };
}): TallyOpening {
  const { key, tally, shares, voted } = input;
  const { multiples, rejected } = combine(key, tally, shares);
  if (multiples === undefined) return { opened: false, reason: "too-few", rejected };
  const [headsFor, headsAgainst] = smallLogarithms(multiples.slice(0, 2), voted.heads);
  const [areaFor, areaAgainst] = smallLogarithms(multiples.slice(2), voted.areaDm2);
  if (
    headsFor === undefined ||
    headsAgainst === undefined ||
    areaFor === undefined ||
    areaAgainst === undefined
  ) {
    return { opened: false, reason: "no-sum", rejected };
  }
  const sums = {
    heads: { inFavour: headsFor, against: headsAgainst },
    areaDm2: { inFavour: areaFor, against: areaAgainst },
  };
  return { opened: true, sums, rejected };
}

/** Whether these are the sums, by the shares of k custodians: no search, for whoever counts again. */
export function isOpenedBy(input: {
  readonly key: EpochKey;
  readonly tally: SealedTally;
  readonly shares: readonly TallyShare[];
  readonly sums: OpenedSums;
}): boolean {
  const { key, tally, shares, sums } = input;
  const { multiples } = combine(key, tally, shares);
  const { heads, areaDm2 } = sums;
  const said = [heads.inFavour, heads.against, areaDm2.inFavour, areaDm2.against];
  return (
    multiples !== undefined &&
    said.every((sum, position) => {
      if (!Number.isSafeInteger(sum) || sum < 0) return false;
      const expected = RistrettoElement.base.timesPublic(RistrettoScalar.of(sum));
      return multiples[position]?.equals(expected) ?? false;
    })
  );
}

/** sum·g of each of the four, `undefined` with fewer than k good shares. */
function combine(
  key: EpochKey,
  tally: SealedTally,
  shares: readonly TallyShare[],
): { readonly multiples?: readonly RistrettoElement[]; readonly rejected: readonly RejectedShare[] } {
  const good = new Map<number, TallyShare>();
  const rejected: RejectedShare[] = [];
  for (const share of shares) {
    const fault = good.has(share.index) ? "twice" : faultOfTallyShare(key, tally, share);
    if (fault === undefined) good.set(share.index, share);
    else rejected.push({ index: share.index, fault });
  }
  const chosen = [...good.values()].slice(0, key.threshold.k);
  if (chosen.length < key.threshold.k) return { rejected };
  const indices = chosen.map(({ index }) => index);
  const multiples = pairsOf(tally).map(({ b }, position) => {
    const masks = chosen.flatMap(({ index, values }) => {
      const value = values[position];
      return value === undefined ? [] : [value.timesPublic(lagrangeAtZero(index, indices))];
    });
    return b.minus(sumOf(masks));
  });
  return { multiples, rejected };
}
