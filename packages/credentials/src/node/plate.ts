import { concatBytes, hmacSha256 } from "@menshen/crypto/node";
import { CredentialKey, type Plate } from "@menshen/domain";
import { CredentialError } from "../credential-error.ts";

const PIN_KEY_BYTES = 16;
const CREDENTIAL_KEY_BYTES = 16;

/**
 * The key that a number plate is looked up by (see `credentialKeyOf` for other kinds): HMAC-SHA-256 under the community's
 * PIN key over `"menshen plate v1" || 00 || plate`, its first 16 bytes. There are few plates: who has a table of these
 * keys could try them all, but for that key.
 *
 * @param pinKey 16 bytes, from the keyring; the same at every gate of the community
 * @throws {CredentialError} `bad-argument`
 */
export function plateCredentialKey(pinKey: Uint8Array, plate: Plate): CredentialKey {
  if (pinKey.length !== PIN_KEY_BYTES) {
    throw new CredentialError("bad-argument", `expected a PIN key of ${PIN_KEY_BYTES} bytes`);
  }
  const encoder = new TextEncoder();
  const text = concatBytes(encoder.encode("menshen plate v1\u0000"), encoder.encode(plate));
  return CredentialKey(hmacSha256(pinKey, text).slice(0, CREDENTIAL_KEY_BYTES));
}
