import { RistrettoElement } from "@menshen/crypto/node";
import { type CeremonyCall, type CustodianSet, verifySeat } from "@menshen/custody";
import type { CeremonyFailure } from "@menshen/wire";
import { failureOf, type StoredCeremony } from "./ceremonies.store.ts";

/** Why a ceremony failed, and who is named for it. */
export interface Verdict {
  readonly failure: CeremonyFailure;
  readonly named: readonly number[];
}

/** What the seats of a ceremony are signed for. */
export function callOf({ row }: StoredCeremony, set: CustodianSet): CeremonyCall {
  return {
    id: row.ceremony_id,
    threshold: { k: set.threshold, n: set.members.length },
    firstEpoch: row.first_epoch,
    epochCount: row.epoch_count,
  };
}

/**
 * An objection to seats; else what most programs said; `disagreed` without a majority, naming all who spoke; `undefined` if none
 * did. Whoever objects is silent from then on, and would be named by the others as vanished.
 */
export function verdictOf(ceremony: StoredCeremony, set: CustodianSet): Verdict | undefined {
  const { seats } = ceremony;
  const call = callOf(ceremony, set);
  const objectors = seats.flatMap(({ objection, custodian }) => (objection === null ? [] : [custodian]));
  if (objectors.length > 0) {
    const forged = seats.flatMap(({ custodian, public_key, signature }) => {
      const [member, key] = [set.members[custodian - 1], RistrettoElement.parse(public_key)];
      const isSigned =
        member !== undefined &&
        key !== undefined &&
        verifySeat(member.identityKey, call, custodian, key, signature);
      return isSigned ? [] : [custodian];
    });
    return forged.length > 0
      ? { failure: "seat-forged", named: forged }
      : { failure: "seat-disputed", named: objectors };
  }
  const said = seats.flatMap(({ failure, named }) =>
    failure === null ? [] : [{ failure, named: named ?? [] }],
  );
  const counts = new Map<string, number>();
  for (const one of said) {
    const text = JSON.stringify(one);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const [first, second] = [...counts].toSorted(([, a], [, b]) => b - a);
  if (first === undefined) return undefined;
  const chosen = said.find((one) => JSON.stringify(one) === first[0]);
  if (chosen === undefined || second?.[1] === first[1]) {
    const spoke = seats.flatMap(({ failure, custodian }) => (failure === null ? [] : [custodian]));
    return { failure: "disagreed", named: spoke };
  }
  return { failure: failureOf(chosen.failure) ?? "malformed", named: chosen.named };
}

/** Who kept the others waiting: who did not come, said nothing, or did not vouch. */
export function owing(
  { row, seats }: StoredCeremony,
  count: number,
  said: ReadonlyMap<number, number>,
): readonly number[] {
  const all = Array.from({ length: count }, (_, position) => position + 1);
  if (row.state === "gathering")
    return all.filter((index) => !seats.some((seat) => seat.custodian === index));
  const silent = all.filter((index) => !said.has(index));
  if (silent.length > 0) return silent;
  return seats.flatMap(({ custodian, vouch }) => (vouch === null ? [custodian] : []));
}
