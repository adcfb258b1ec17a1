import { CredentialError } from "../credential-error.ts";

/** Length of a PKOC credential (PKOC Core 2.0.1 §4.1). */
export const PKOC_CREDENTIAL_BYTES = 32;

/**
 * The PKOC credential of a P-256 key: its x coordinate (PKOC Core 2.0.1 §4.3). What a credential key is formed from, for
 * kind `pkoc`: the same phone or card is the same credential over NFC, BLE and OSDP.
 *
 * @param publicKey 65 bytes, `04 || x || y`
 * @returns 32 bytes
 * @throws {CredentialError} `bad-argument` for another form
 */
export function pkocCredentialOf(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== 65 || publicKey[0] !== 4) {
    throw new CredentialError("bad-argument", "expected an uncompressed P-256 key of 65 bytes");
  }
  return publicKey.slice(1, 33);
}

/**
 * A derived identifier: the rightmost bytes of a credential (PKOC Core 2.0.1 §4.5, §4.6). For panels that can hold no more;
 * this system uses the whole credential.
 *
 * @param lengthBytes 8 to 31; 4 to 31 where an issuer vouches that its short identifiers are unique (`validated`)
 * @throws {CredentialError} `bad-argument`
 */
export function pkocDerivedIdentifier(
  credential: Uint8Array,
  lengthBytes: number,
  options: { readonly validated: boolean } = { validated: false },
): Uint8Array {
  const least = options.validated ? 4 : 8;
  if (credential.length !== PKOC_CREDENTIAL_BYTES || !(lengthBytes >= least && lengthBytes <= 31)) {
    throw new CredentialError("bad-argument", `expected a credential and a length of ${least} to 31 bytes`);
  }
  return credential.slice(PKOC_CREDENTIAL_BYTES - lengthBytes);
}
