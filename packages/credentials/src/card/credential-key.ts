import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import type { CredentialKind } from "@menshen/domain";
import { CredentialKey } from "@menshen/domain";

const CREDENTIAL_KEY_BYTES = 16;

/**
 * The key that a credential is looked up by (see `CredentialKey` of the domain): SHA-256 over
 * `"menshen credential key v1" || kind || 00 || identifier`, its first 16 bytes. The same function runs where a
 * credential is enrolled and where it is presented.
 *
 * @param identifier for cards with a chip (`desfire`, `ntag424`, `uid`) the UID; for `wiegand` and `osdp-raw` what
 *   `wiegandIdentifier` and `osdpRawIdentifier` form. Not for a PIN, which could be tried out: `pinCredentialKey`
 */
export function credentialKeyOf(
  primitives: Pick<Primitives, "sha256">,
  kind: CredentialKind,
  identifier: Uint8Array,
): CredentialKey {
  const text = new TextEncoder().encode(`menshen credential key v1${kind}\u0000`);
  return CredentialKey(primitives.sha256(concatBytes(text, identifier)).slice(0, CREDENTIAL_KEY_BYTES));
}
