import {
  concatBytes,
  importX25519,
  type Primitives,
  primitives,
  wipe,
  x25519PublicKey,
} from "@menshen/crypto";
import { CREDENTIAL_KINDS, type CredentialKind } from "@menshen/domain";
import { ascii, ByteReader, malformed, unsigned } from "./bytes.ts";
import { CustodyError } from "./errors.ts";

const VERSION = 1;
const KEY_BYTES = 32;
const ID_BYTES = 16;
const CREDENTIAL_BYTES = 8;
const PADDING_BYTES = 4;
const TEXT_BYTES = 48;
const TAG_BYTES = 16;
const INFO = ascii("menshen/trail-wrap/v1");

/** Every wrap has this length, those for nobody too. */
export const TRAIL_WRAP_BYTES = KEY_BYTES + TEXT_BYTES + TAG_BYTES;

/** One passage, as its own resident reads it. */
export interface TrailText {
  readonly kind: CredentialKind;
  readonly granted: boolean;
  /** Number of the deciding reason, as the journal format counts them. */
  readonly reason: number;
  /** Unix milliseconds; the earlier bound. */
  readonly timeMs: number;
  /** UUID, 16 bytes. */
  readonly accessPoint: Uint8Array;
  /** Of the gate's journal. */
  readonly sequence: number;
  /** The front half of the credential key: which of the holder's credentials it was. */
  readonly credential: Uint8Array;
}

/** What wrapping needs; both entry points of `@menshen/crypto` have it. */
export type WrapPrimitives = Pick<
  Primitives,
  "randomBytes" | "x25519PublicKey" | "x25519Agree" | "hkdfSha256" | "aesGcmSeal"
>;

/**
 * Wraps a passage to its resident: X25519 with a fresh key, HKDF-SHA256, AES-256-GCM. The wrap does not show whom it
 * is for, and one for nobody looks the same.
 *
 * @param recipient the resident's trail key, 32 bytes; `undefined` for a wrap that nobody can open, which an unusable
 *   key gives too
 * @returns 96 bytes
 * @throws {CustodyError} `invalid-argument` for a number or a length out of range
 */
export function wrapTrail(
  crypto: WrapPrimitives,
  recipient: Uint8Array | undefined,
  text: TrailText,
): Uint8Array<ArrayBuffer> {
  const plaintext = encodeTrailText(text);
  const secret = crypto.randomBytes(KEY_BYTES);
  const ephemeral = crypto.x25519PublicKey(secret);
  const shared = recipient?.length === KEY_BYTES ? crypto.x25519Agree(secret, recipient) : undefined;
  try {
    if (shared === undefined || recipient === undefined) {
      return concatBytes(ephemeral, crypto.randomBytes(TEXT_BYTES + TAG_BYTES));
    }
    const key = keyOf(crypto, shared, ephemeral, recipient);
    const sealed = crypto.aesGcmSeal(key, NONCE, plaintext);
    wipe(key);
    return concatBytes(ephemeral, sealed);
  } finally {
    wipe(secret, plaintext, ...(shared === undefined ? [] : [shared]));
  }
}

/** Opens one's own wraps; `undefined` for everybody else's and for those that are none. */
export type TrailOpener = (wrap: Uint8Array) => Promise<TrailText | undefined>;

/**
 * Makes a resident's opener. Whoever looks for its own tries all wraps of a bucket, so the agreement is WebCrypto's
 * where that has X25519.
 *
 * @param secretKey X25519, 32 bytes
 * @throws {CustodyError} `invalid-argument` for a key of another length
 */
export async function makeTrailOpener(secretKey: Uint8Array): Promise<TrailOpener> {
  if (secretKey.length !== KEY_BYTES) {
    throw new CustodyError("invalid-argument", `expected a key of ${KEY_BYTES} bytes`);
  }
  const own = x25519PublicKey(secretKey);
  const agree = await importX25519(secretKey).catch(
    // An older browser: slower, the same result.
    () => async (ephemeral: Uint8Array) => primitives.x25519Agree(secretKey, ephemeral),
  );
  return async (wrap) => {
    if (wrap.length !== TRAIL_WRAP_BYTES) return undefined;
    const ephemeral = wrap.slice(0, KEY_BYTES);
    const shared = await agree(ephemeral);
    if (shared === undefined) return undefined;
    const key = keyOf(primitives, shared, ephemeral, own);
    const text = primitives.aesGcmOpen(key, NONCE, wrap.slice(KEY_BYTES));
    wipe(shared, key);
    return text === undefined ? undefined : readTrailText(text);
  };
}

/** The key seals this one text, so its nonce may be constant. */
const NONCE = new Uint8Array(12);

function keyOf(
  { hkdfSha256 }: Pick<Primitives, "hkdfSha256">,
  shared: Uint8Array,
  ephemeral: Uint8Array,
  recipient: Uint8Array,
): Uint8Array {
  return hkdfSha256(shared, concatBytes(ephemeral, recipient), INFO, KEY_BYTES);
}

/** 48 bytes: version, kind, granted, reason (1 each), time (8), access point (16), sequence (8), credential (8), zeros (4). */
function encodeTrailText(text: TrailText): Uint8Array<ArrayBuffer> {
  if (text.accessPoint.length !== ID_BYTES || text.credential.length !== CREDENTIAL_BYTES) {
    throw new CustodyError("invalid-argument", "expected an access point of 16 bytes and a credential of 8");
  }
  return concatBytes(
    unsigned(VERSION, 1),
    unsigned(CREDENTIAL_KINDS.indexOf(text.kind), 1),
    unsigned(text.granted ? 1 : 0, 1),
    unsigned(text.reason, 1),
    unsigned(text.timeMs, 8),
    text.accessPoint,
    unsigned(text.sequence, 8),
    text.credential,
    new Uint8Array(PADDING_BYTES),
  );
}

/** `undefined` for a text that a gate of another version, or no gate, wrapped: its tag held, so nobody else changed it. */
function readTrailText(bytes: Uint8Array): TrailText | undefined {
  try {
    return parseTrailText(bytes);
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}

function parseTrailText(bytes: Uint8Array): TrailText {
  const reader = new ByteReader(bytes, TEXT_BYTES);
  reader.header("", VERSION);
  const kind = CREDENTIAL_KINDS[reader.unsigned(1)];
  const granted = reader.unsigned(1);
  if (kind === undefined || granted > 1) throw malformed("values that nobody knows");
  const text = {
    kind,
    granted: granted === 1,
    reason: reader.unsigned(1),
    timeMs: reader.unsigned(8),
    accessPoint: reader.take(ID_BYTES),
    sequence: reader.unsigned(8),
    credential: reader.take(CREDENTIAL_BYTES),
  };
  if (reader.take(PADDING_BYTES).some((byte) => byte !== 0)) throw malformed("other than zeros at its end");
  reader.end();
  return text;
}
