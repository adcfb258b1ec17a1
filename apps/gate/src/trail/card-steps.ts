import { fromHex, toHex } from "@menshen/crypto/node";
import type { DoorRulesMessage } from "@menshen/wire";
import { type PseudonymKey, pseudonymKeyId, pseudonymOf, ratchetTo } from "./pseudonym-key.ts";

type Listed = NonNullable<DoorRulesMessage["cards"]>[number];

/** What a person decided about a card; see `cards` of the door rules. */
export type CardStep = Listed["step"];

/** Tells what was decided about a card, be it in an earlier epoch. */
export type StepOf = (credentialKey: Uint8Array) => CardStep | undefined;

const NAME_BYTES = 24;
const OWN_BYTES = 16;
const MAX_KEPT = 4_096;

/**
 * Recognises cards by the names that the server knows them by. Those names end with the epoch and this gate's key to them
 * too: so a card that came by is kept under a name that only this gate's seal makes, for as long as the step stands.
 *
 * @param options.ownName what stands for a credential on this gate's disk
 * @param options.kept what `keep` was given last
 * @param options.keep stores it; a loss only means that the card is recognised in its own epoch alone
 */
export function makeCardSteps(options: {
  readonly listed: () => readonly Listed[] | undefined;
  readonly chainKey: () => PseudonymKey | undefined;
  readonly ownName: (credentialKey: Uint8Array) => Uint8Array;
  readonly kept: Uint8Array | undefined;
  readonly keep: (bytes: Uint8Array) => void;
}): StepOf {
  const carried = readKept(options.kept);
  let known: { readonly of: readonly Listed[]; readonly steps: ReadonlyMap<string, CardStep> } | undefined;

  function stepsOf(listed: readonly Listed[]): ReadonlyMap<string, CardStep> {
    if (known?.of === listed) return known.steps;
    const steps = new Map(listed.map((one) => [nameOf(one.pseudonymKeyId, one.pseudonym), one.step]));
    known = { of: listed, steps };
    const count = carried.size;
    for (const [own, name] of carried) if (!steps.has(name)) carried.delete(own);
    if (carried.size !== count) options.keep(writeKept(carried));
    return steps;
  }

  /** The card's name in one of the epochs that this gate still has a key for. */
  function presentName(
    credentialKey: Uint8Array,
    listed: readonly Listed[],
    steps: ReadonlyMap<string, CardStep>,
  ) {
    const chain = options.chainKey();
    if (chain === undefined) return undefined;
    for (const epoch of new Set(listed.map((one) => one.epoch))) {
      if (epoch < chain.epoch) continue;
      const { key } = ratchetTo(chain, epoch);
      const name = nameOf(pseudonymKeyId(key), pseudonymOf(key, credentialKey));
      if (steps.has(name)) return name;
    }
    return undefined;
  }

  return (credentialKey) => {
    const listed = options.listed();
    if (listed === undefined || listed.length === 0) return undefined;
    const steps = stepsOf(listed);
    const own = toHex(options.ownName(credentialKey));
    const name = presentName(credentialKey, listed, steps) ?? carried.get(own);
    if (name === undefined) return undefined;
    if (carried.get(own) !== name && carried.size < MAX_KEPT) {
      carried.set(own, name);
      options.keep(writeKept(carried));
    }
    return steps.get(name);
  };
}

function nameOf(keyId: Uint8Array, pseudonym: Uint8Array): string {
  return toHex(keyId) + toHex(pseudonym);
}

/** Own name and listed name of each card, one after the other. */
function writeKept(carried: ReadonlyMap<string, string>): Uint8Array {
  return fromHex([...carried].map(([own, name]) => own + name).join(""));
}

function readKept(bytes: Uint8Array | undefined): Map<string, string> {
  const carried = new Map<string, string>();
  const size = OWN_BYTES + NAME_BYTES;
  for (let at = 0; bytes !== undefined && at + size <= bytes.length; at += size) {
    const own = toHex(bytes.subarray(at, at + OWN_BYTES));
    carried.set(own, toHex(bytes.subarray(at + OWN_BYTES, at + size)));
  }
  return carried;
}
