/** Multiplication by x in GF(2^128) as CMAC does it (RFC 4493 §2.3): 16 bytes in, 16 bytes out. */
export function doubleInGf128(block: Uint8Array): Uint8Array {
  const doubled = block.map((byte, i) => (byte << 1) | ((block[i + 1] ?? 0) >> 7));
  if ((block[0] ?? 0) & 0x80) doubled[15] = (doubled[15] ?? 0) ^ 0x87;
  return doubled;
}
