import { ed25519FromSecret, equalBytes } from "@menshen/crypto";
import { CustodyError } from "./errors.ts";
import { MAX_CUSTODIANS } from "./shares.ts";

/** What a body is called: 1 to 32 of `a`-`z`, `0`-`9`, `-`, beginning with a letter. */
export const BODY_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * Index from 1 of the member whose identity key this seed makes.
 *
 * @throws {CustodyError} `invalid-argument` when the key is no member's
 */
export function indexOfSigner(
  { members }: { readonly members: readonly { readonly identityKey: Uint8Array }[] },
  secretKey: Uint8Array,
): number {
  const own = ed25519FromSecret(secretKey).publicKey;
  const index = members.findIndex(({ identityKey }) => equalBytes(identityKey, own)) + 1;
  if (index === 0) throw new CustodyError("invalid-argument", "expected a key of the set");
  return index;
}

/**
 * Whether at least k distinct members agreed. A signature that does not verify counts for nothing and condemns nothing:
 * whoever carries the endorsements could have added it.
 */
export function haveAgreed<Endorsement extends { readonly index: number }>(
  { threshold }: { readonly threshold: number },
  endorsements: readonly Endorsement[],
  verifies: (endorsement: Endorsement) => boolean,
): boolean {
  if (endorsements.length > MAX_CUSTODIANS) return false;
  return new Set(endorsements.filter(verifies).map(({ index }) => index)).size >= threshold;
}
