/** Two 32-bit halves of a hash of a name. Not for secrets: names are pseudonyms or numbers of credentials. */
export interface NameHash {
  hi: number;
  lo: number;
}

/**
 * Hashes a text into `into`. Of pseudonyms (32 hexadecimal digits) all digits count. Two of 10 million names share a
 * hash with a chance of 3 in a million.
 */
export function hashName(text: string, into: NameHash): void {
  let hi = 0x811c9dc5;
  let lo = 0x2f0b4c47;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    hi = Math.imul(hi ^ code, 0x01000193);
    lo = Math.imul(lo ^ code, 0x85ebca6b);
    lo ^= lo >>> 15;
  }
  // Finishers of MurmurHash3 (public domain): every bit of the input reaches every bit of the slot.
  hi = Math.imul(hi ^ (hi >>> 16), 0x85ebca6b);
  hi = Math.imul(hi ^ (hi >>> 13), 0xc2b2ae35);
  lo = Math.imul(lo ^ (lo >>> 16), 0xc2b2ae35);
  lo = Math.imul(lo ^ (lo >>> 13), 0x85ebca6b);
  into.hi = (hi ^ (hi >>> 16)) >>> 0;
  into.lo = (lo ^ (lo >>> 16)) >>> 0;
}
