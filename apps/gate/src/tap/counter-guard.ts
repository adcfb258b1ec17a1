import { concatBytes, toHex } from "@menshen/crypto/node";
import type { Presentation, Reason } from "@menshen/domain";

/**
 * Refuses credentials that report a counter which does not rise: a message harvested once and played again. The new
 * value is on the disk as used before the tap may open anything; if it cannot be, the tap is refused.
 *
 * @returns why the presentation must not open, or undefined
 */
export type CounterGuard = (presentation: Presentation) => Promise<Reason | undefined>;

/**
 * @param last counters that were stored before, by the credential's name
 * @param nameOf what stands on the disk for a credential key, and a run of its counting where it has several; it must not
 *   show which one
 * @param save resolves to false if the value could not be stored in time
 */
export function makeCounterGuard(
  last: readonly (readonly [name: Uint8Array, counter: number])[],
  nameOf: (credentialKey: Uint8Array) => Uint8Array,
  save: (name: Uint8Array, counter: number) => Promise<boolean>,
): CounterGuard {
  const counters = new Map(last.map(([name, counter]) => [toHex(name), counter]));
  return async ({ credentialKey, evidence, counterSeries }) => {
    const { counter } = evidence;
    if (counter === undefined) return undefined;
    const stored = nameOf(
      counterSeries === undefined ? credentialKey : concatBytes(credentialKey, counterSeries),
    );
    const name = toHex(stored);
    if (counter <= (counters.get(name) ?? -1)) return { code: "credential-not-authentic", detail: "replay" };
    counters.set(name, counter);
    return (await save(stored, counter)) ? undefined : { code: "journal-unavailable" };
  };
}
