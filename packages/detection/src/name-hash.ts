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

/** Names kept with their hashes, in pairs of places, a power of two. */
const KEPT_BITS = 14;
const KEPT = 1 << KEPT_BITS;
/** What a name of 48 characters and its place take. */
const NAME_BYTES = 128;
/** Characters at the end of a name by which its place is found: numbers that are given out in turn differ there. */
const TOLD_BY = 4;

/**
 * Hashes of names used lately: a community's cards come again and again, and comparing a name with one that is known takes
 * a fraction of hashing it. A name has two places, and drives out the one that came first there.
 */
export class HashedNames {
  readonly #names = Array.from<string | undefined>({ length: KEPT });
  /** Of each name both halves of its hash, side by side. */
  readonly #hashes = new Uint32Array(2 * KEPT);

  get byteLength(): number {
    return KEPT * NAME_BYTES + this.#hashes.byteLength;
  }

  /** As {@link hashName}. */
  hash(text: string, into: NameHash): void {
    const first = placeOf(text);
    const second = first ^ 1;
    const known = this.#names[first] === text ? first : this.#names[second] === text ? second : -1;
    if (known >= 0) {
      into.hi = this.#hashes[2 * known] ?? 0;
      into.lo = this.#hashes[2 * known + 1] ?? 0;
      return;
    }
    hashName(text, into);
    this.#names[second] = this.#names[first];
    this.#hashes[2 * second] = this.#hashes[2 * first] ?? 0;
    this.#hashes[2 * second + 1] = this.#hashes[2 * first + 1] ?? 0;
    this.#names[first] = text;
    this.#hashes[2 * first] = into.hi;
    this.#hashes[2 * first + 1] = into.lo;
  }
}

function placeOf(text: string): number {
  let place = 0;
  for (let index = Math.max(0, text.length - TOLD_BY); index < text.length; index++) {
    place = Math.imul(place, 31) + text.charCodeAt(index);
  }
  // The first bits of a product depend on all of its factor.
  return Math.imul(place, 0x9e3779b1) >>> (32 - KEPT_BITS);
}
