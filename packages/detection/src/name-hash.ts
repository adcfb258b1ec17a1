/**
 * Two halves of 32 bits of a hash of a name, as numbers with a sign: those V8 keeps in place, where others lie in a box of
 * their own. Not for secrets: names are pseudonyms or numbers of credentials.
 */
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
  into.hi = hi ^ (hi >>> 16);
  into.lo = lo ^ (lo >>> 16);
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
 * a fraction of hashing it. A name has two places, and drives out the one that came first there. Places hold numbers, from 1,
 * so that the names themselves and their hashes stand close together however few there are.
 */
export class HashedNames {
  readonly #places = new Uint16Array(KEPT);
  readonly #names: string[] = [""];
  /** Of each name both halves of its hash, side by side. */
  readonly #hashes = new Int32Array(2 * (KEPT + 1));

  get byteLength(): number {
    return this.#names.length * NAME_BYTES + this.#places.byteLength + this.#hashes.byteLength;
  }

  /** As {@link hashName}. */
  hash(text: string, into: NameHash): void {
    const places = this.#places;
    const place = placeOf(text);
    const first = places[place] ?? 0;
    const second = places[place ^ 1] ?? 0;
    const known = this.#names[first] === text ? first : this.#names[second] === text ? second : 0;
    if (known > 0) {
      into.hi = this.#hashes[2 * known] ?? 0;
      into.lo = this.#hashes[2 * known + 1] ?? 0;
      return;
    }
    hashName(text, into);
    const number = second > 0 ? second : this.#names.length;
    places[place ^ 1] = first;
    places[place] = number;
    this.#names[number] = text;
    this.#hashes[2 * number] = into.hi;
    this.#hashes[2 * number + 1] = into.lo;
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
