/**
 * CRC-16 of a frame from SOM to the byte before the CRC: polynomial 1021, start value 1D0F, no reflection, sent low
 * byte first (SIA OSDP v2.2 Annex C).
 *
 * @returns 0 to 65535
 */
export function crc16(bytes: Uint8Array): number {
  let crc = 0x1d0f;
  for (const byte of bytes) {
    crc = ((crc << 8) & 0xffff) ^ (CRC_TABLE[(crc >> 8) ^ byte] ?? 0);
  }
  return crc;
}

/** Checksum of a frame: the byte that makes the sum of all bytes zero modulo 256 (SIA OSDP v2.2 §5.9). */
export function checksum8(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xff;
  return -sum & 0xff;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit += 1)
    crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  return crc;
});
