import { concatBytes, type Primitives, sha256, wipe, x25519PublicKey } from "@menshen/crypto";
import { CredentialKey } from "@menshen/domain";
import { ascii, unsigned } from "./bytes.ts";
import { CustodyError } from "./errors.ts";

const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;
const CREDENTIAL_KEY_BYTES = 16;
const TAG_BYTES = 16;
const KEY_ID_INFO = ascii("menshen/desk-key-id/v1");
const INFO = ascii("menshen/desk-name/v1");
/** The key seals this one text, so its nonce may be constant. */
const NONCE = new Uint8Array(12);

/** Every name for the duty desk has this length. */
export const DESK_NAME_BYTES = KEY_ID_BYTES + KEY_BYTES + CREDENTIAL_KEY_BYTES + TAG_BYTES;

/** The entry that a name belongs to; under any other it does not open. */
export interface DeskNamePlace {
  /** UUID, 16 bytes. */
  readonly gate: Uint8Array;
  readonly sequence: number;
  /** UUID, 16 bytes. */
  readonly accessPoint: Uint8Array;
  /** Unix milliseconds; the earlier bound. */
  readonly timeMs: number;
}

/** What naming needs; both entry points of `@menshen/crypto` have it. */
export type DeskNamePrimitives = Pick<
  Primitives,
  "randomBytes" | "x25519PublicKey" | "x25519Agree" | "hkdfSha256" | "aesGcmSeal" | "aesGcmOpen"
>;

/** Names a desk key, 8 bytes. */
export function deskKeyId(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(sha256(concatBytes(KEY_ID_INFO, publicKey)).subarray(0, KEY_ID_BYTES));
}

/** Which desk key a name was sealed to; `undefined` for bytes that are no name. */
export function deskKeyIdOf(name: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  return name.length === DESK_NAME_BYTES ? Uint8Array.from(name.subarray(0, KEY_ID_BYTES)) : undefined;
}

/**
 * Seals whose entry it is to the duty desk of the day: X25519 with a fresh key, HKDF-SHA256, AES-256-GCM, bound to the
 * entry. docs/protocol/naming.md.
 *
 * @param recipient the desk key, 32 bytes
 * @returns 72 bytes
 * @throws {CustodyError} `invalid-argument` for a key that is none, or a number or a length out of range
 */
export function sealDeskName(
  crypto: DeskNamePrimitives,
  recipient: Uint8Array,
  place: DeskNamePlace,
  credentialKey: CredentialKey,
): Uint8Array<ArrayBuffer> {
  const info = infoOf(place);
  const secret = crypto.randomBytes(KEY_BYTES);
  try {
    const ephemeral = crypto.x25519PublicKey(secret);
    const shared = recipient.length === KEY_BYTES ? crypto.x25519Agree(secret, recipient) : undefined;
    if (shared === undefined) throw new CustodyError("invalid-argument", "expected an X25519 key");
    const key = crypto.hkdfSha256(shared, concatBytes(ephemeral, recipient), info, KEY_BYTES);
    const sealed = crypto.aesGcmSeal(key, NONCE, credentialKey);
    wipe(shared, key);
    return concatBytes(deskKeyId(recipient), ephemeral, sealed);
  } finally {
    wipe(secret);
  }
}

/**
 * Opens a name with the desk key's secret half.
 *
 * @param secretKey X25519, 32 bytes
 * @returns `undefined` for a name of another key, of another entry, changed, or none at all
 * @throws {CustodyError} `invalid-argument` for a key or a place of another length
 */
export function openDeskName(
  crypto: DeskNamePrimitives,
  secretKey: Uint8Array,
  place: DeskNamePlace,
  name: Uint8Array,
): CredentialKey | undefined {
  if (secretKey.length !== KEY_BYTES) {
    throw new CustodyError("invalid-argument", `expected a key of ${KEY_BYTES} bytes`);
  }
  const info = infoOf(place);
  if (name.length !== DESK_NAME_BYTES) return undefined;
  const ephemeral = Uint8Array.from(name.subarray(KEY_ID_BYTES, KEY_ID_BYTES + KEY_BYTES));
  const shared = crypto.x25519Agree(secretKey, ephemeral);
  if (shared === undefined) return undefined;
  const recipient = x25519PublicKey(secretKey);
  const key = crypto.hkdfSha256(shared, concatBytes(ephemeral, recipient), info, KEY_BYTES);
  const text = crypto.aesGcmOpen(key, NONCE, Uint8Array.from(name.subarray(KEY_ID_BYTES + KEY_BYTES)));
  wipe(shared, key);
  return text === undefined ? undefined : CredentialKey(text);
}

function infoOf({ gate, sequence, accessPoint, timeMs }: DeskNamePlace): Uint8Array {
  if (gate.length !== 16 || accessPoint.length !== 16) {
    throw new CustodyError("invalid-argument", "expected identifiers of 16 bytes");
  }
  return concatBytes(INFO, Uint8Array.of(0), gate, unsigned(sequence, 8), accessPoint, unsigned(timeMs, 8));
}
