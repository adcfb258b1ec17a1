import { concatBytes } from "@menshen/crypto";
import { CREDENTIAL_KINDS, CredentialKey, type CredentialKind } from "@menshen/domain";
import { ByteReader, malformed, unsigned } from "./bytes.ts";

const VERSION = 1;
const CREDENTIAL_KEY_BYTES = 16;
const PADDING_BYTES = 6;

/** Every identity that a gate seals has this length, whatever was presented. */
export const IDENTITY_TEXT_BYTES = 32;

/** Who went through: what a gate seals to the custodians in each entry. */
export interface IdentityText {
  readonly kind: CredentialKind;
  readonly credentialKey: CredentialKey;
  /** The card's own counter, 0 if it told none. */
  readonly counter: number;
}

/**
 * The one encoding, 32 bytes: version (1), index of the kind (1), credential key (16), counter (8), zeros (6).
 *
 * @throws {CustodyError} `invalid-argument` for a counter out of range
 */
export function encodeIdentityText(text: IdentityText): Uint8Array<ArrayBuffer> {
  return concatBytes(
    unsigned(VERSION, 1),
    unsigned(CREDENTIAL_KINDS.indexOf(text.kind), 1),
    text.credentialKey,
    unsigned(text.counter, 8),
    new Uint8Array(PADDING_BYTES),
  );
}

/**
 * Reads what {@link encodeIdentityText} wrote.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseIdentityText(bytes: Uint8Array): IdentityText {
  const reader = new ByteReader(bytes, IDENTITY_TEXT_BYTES);
  reader.header("", VERSION);
  const kind = CREDENTIAL_KINDS[reader.unsigned(1)];
  if (kind === undefined) throw malformed("a kind of credential that nobody knows");
  const credentialKey = CredentialKey(reader.take(CREDENTIAL_KEY_BYTES));
  const counter = reader.unsigned(8);
  if (reader.take(PADDING_BYTES).some((byte) => byte !== 0)) throw malformed("other than zeros at its end");
  reader.end();
  return { kind, credentialKey, counter };
}
