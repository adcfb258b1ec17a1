import { equalBytes } from "@menshen/crypto";
import { type CustodianSet, followCustodianSets, type ShownSet } from "../custodian-set.ts";
import { identityKeyOf } from "./hold-shares.ts";
import type { StoreContents } from "./store-contents.ts";

/** The set that the program goes by from now on, or why it stays with the one it knows. */
export type Adoption =
  | { readonly adopted: true; readonly set: CustodianSet; readonly isNew: boolean }
  | { readonly adopted: false; readonly refusal: "none-shown" | "not-endorsed" | "known-set-missing" };

/**
 * Follows the sets that a server shows from the one that the program knows to the latest, each endorsed by the one
 * before. The first set ever is believed as it comes: its members compare their codes by other means.
 *
 * @param shown all sets that were in force, the oldest first
 */
export function adoptCustodians(contents: StoreContents, shown: readonly ShownSet[]): Adoption {
  const latest = shown.at(-1);
  if (latest === undefined) return { adopted: false, refusal: "none-shown" };
  const known = contents.custodians;
  if (known === undefined) return { adopted: true, set: latest.set, isNew: true };
  const followed = followCustodianSets(known, shown);
  if (!followed.followed) return { adopted: false, refusal: followed.refusal };
  return followed.sets.length === 1
    ? { adopted: true, set: known, isNew: false }
    : { adopted: true, set: latest.set, isNew: true };
}

/** The program's place in a set, from 1; `undefined` if it is not of it. */
export function placeIn(contents: StoreContents, set: CustodianSet): number | undefined {
  const own = identityKeyOf(contents);
  const index = set.members.findIndex(({ identityKey }) => equalBytes(identityKey, own)) + 1;
  return index === 0 ? undefined : index;
}
