import { concatBytes, hkdfSha256, hmacSha256, sha256, toHex } from "@menshen/crypto/node";

const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;
const PSEUDONYM_BYTES = 16;
const OFFSET_BYTES = 5;

const ascii = (text: string) => new TextEncoder().encode(text);
const RATCHET = ascii("menshen/pseudonym-ratchet/v1");
const KEY_ID = ascii("menshen/pseudonym-key-id/v1");
const PSEUDONYM = ascii("pseudonym");
const COUNTER = ascii("counter");
const NAMED = ascii("menshen/named-pseudonym/v1");
const ASTRAY = ascii("menshen/astray-pseudonym/v1");

/** What gates make pseudonyms with in one epoch; docs/protocol/gate-link.md, "Pseudonyms". */
export interface PseudonymKey {
  readonly generation: number;
  readonly epoch: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export { KEY_BYTES as PSEUDONYM_KEY_BYTES };

/** Names a key without showing it, 8 bytes. */
export function pseudonymKeyId(key: Uint8Array): Uint8Array {
  return sha256(concatBytes(KEY_ID, key)).slice(0, KEY_ID_BYTES);
}

/** The key of a later epoch; there is no way back. The same key for its own epoch and any before. */
export function ratchetTo(start: PseudonymKey, epoch: number): PseudonymKey {
  let { key } = start;
  for (let next = start.epoch + 1; next <= epoch; next += 1) {
    key = hkdfSha256(key, new Uint8Array(), concatBytes(RATCHET, u32(next)), KEY_BYTES);
  }
  return { generation: start.generation, epoch: Math.max(start.epoch, epoch), key };
}

/** Whether gates that know both use the first: the higher generation, then the smaller name in one epoch. */
export function isPreferred(one: PseudonymKey, other: PseudonymKey): boolean {
  if (one.generation !== other.generation) return one.generation > other.generation;
  const epoch = Math.max(one.epoch, other.epoch);
  const nameOf = (key: PseudonymKey) => toHex(pseudonymKeyId(ratchetTo(key, epoch).key));
  return nameOf(one) < nameOf(other);
}

/** What stands for a credential within an epoch, 16 bytes. */
export function pseudonymOf(key: Uint8Array, credentialKey: Uint8Array): Uint8Array {
  return hmacSha256(key, concatBytes(PSEUDONYM, credentialKey)).slice(0, PSEUDONYM_BYTES);
}

/** What a card's counter is raised by within an epoch, below 2^40. */
export function counterOffset(key: Uint8Array, credentialKey: Uint8Array): number {
  let offset = 0;
  for (const byte of hmacSha256(key, concatBytes(COUNTER, credentialKey)).subarray(0, OFFSET_BYTES)) {
    offset = offset * 256 + byte;
  }
  return offset;
}

/** Big-endian. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/**
 * What pseudonyms and offsets of entries are made with that are named to a desk key. Whoever saw a name knows the
 * pseudonym beside it: under a key of its own it leads to no entry that was not named.
 *
 * @param deskKeyId 8 bytes
 */
export function namedPseudonymKey(key: Uint8Array, deskKeyId: Uint8Array): Uint8Array {
  return hmacSha256(key, concatBytes(NAMED, deskKeyId));
}

/**
 * What pseudonyms and offsets of refused uses of a lost card are made with. That it is one of the few lost cards stands openly
 * beside; under a key of its own that leads to no entry from before it was lost, nor to any after it was found.
 */
export function astrayPseudonymKey(key: Uint8Array): Uint8Array {
  return hmacSha256(key, ASTRAY);
}
