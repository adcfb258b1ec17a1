const KEY_BYTES = 16;

/** A key as ChangeKey brings it. */
export interface VersionedKey {
  /** AES-128, 16 bytes. */
  readonly value: Uint8Array;
  /** 0 to 255. */
  readonly version: number;
}

/**
 * What ChangeKey enciphers (AN12196 §6.16): the new key and its version where the authenticated key changes itself;
 * else the new key exclusive-or the old one, the version, and a CRC over the new key.
 *
 * @param old the key being replaced, 16 bytes; absent where it is the authenticated one
 * @returns 17 or 21 bytes
 */
export function keyChangePayload({ value, version }: VersionedKey, old?: Uint8Array): Uint8Array {
  if (old === undefined) return Uint8Array.of(...value, version);
  const payload = new Uint8Array(KEY_BYTES + 5);
  payload.set(value.map((byte, index) => byte ^ (old[index] ?? 0)));
  payload[KEY_BYTES] = version;
  new DataView(payload.buffer).setUint32(KEY_BYTES + 1, desfireCrc32(value), true);
  return payload;
}

/**
 * Card: the key that a ChangeKey payload brings; see {@link keyChangePayload}.
 *
 * @param payload 17 or 21 bytes, deciphered
 * @returns `undefined` if the CRC does not fit
 */
export function changedKey(payload: Uint8Array, old: Uint8Array | undefined): VersionedKey | undefined {
  const version = payload[KEY_BYTES] ?? 0;
  const first = payload.slice(0, KEY_BYTES);
  if (old === undefined) return { value: first, version };
  const value = first.map((byte, index) => byte ^ (old[index] ?? 0));
  const crc = new DataView(payload.buffer, payload.byteOffset).getUint32(KEY_BYTES + 1, true);
  return desfireCrc32(value) === crc ? { value, version } : undefined;
}

/** CRC-32 of IEEE 802.3, reflected, begun with ones and not inverted at the end, as DESFire counts it. */
export function desfireCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0;
}
