import type { CardKey } from "./desfire-state.ts";

const KEY_BYTES = 16;

/**
 * The key that a ChangeKey payload brings (AN12196 §6.16): the new key and its version where the authenticated key
 * changes itself; else the new key exclusive-or the old one, the version, and a CRC over the new key.
 *
 * @param payload 17 or 21 bytes, deciphered
 * @param old the key being replaced, or undefined where it is the authenticated one
 * @returns undefined if the CRC does not fit
 */
export function changedKey(payload: Uint8Array, old: Uint8Array | undefined): CardKey | undefined {
  const version = payload[KEY_BYTES] ?? 0;
  const first = payload.slice(0, KEY_BYTES);
  if (old === undefined) return { value: first, version };
  const value = first.map((byte, index) => byte ^ (old[index] ?? 0));
  const crc = new DataView(payload.buffer, payload.byteOffset).getUint32(KEY_BYTES + 1, true);
  return crc32(value) === crc ? { value, version } : undefined;
}

/** CRC-32 of IEEE 802.3, reflected, begun with ones and not inverted at the end, as DESFire counts it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0;
}

/** The reader's side of {@link changedKey}: what it enciphers for ChangeKey. */
export function changeKeyPayload(value: Uint8Array, version: number, old?: Uint8Array): Uint8Array {
  if (old === undefined) return Uint8Array.of(...value, version);
  const payload = new Uint8Array(KEY_BYTES + 5);
  payload.set(value.map((byte, index) => byte ^ (old[index] ?? 0)));
  payload[KEY_BYTES] = version;
  new DataView(payload.buffer).setUint32(KEY_BYTES + 1, crc32(value), true);
  return payload;
}
