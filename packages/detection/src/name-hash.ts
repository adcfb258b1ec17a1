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

/** Names kept with their hashes. */
const KEPT = 1 << 14;
/** What a name of 48 characters and its place in a map take. */
const NAME_BYTES = 128;

/**
 * Hashes of names used lately: a community's cards come again and again, and finding a text takes a third of hashing it. When
 * it is full all are forgotten, so of many more cards each costs a little more.
 */
export class HashedNames {
  readonly #places = new Map<string, number>();
  readonly #hi = new Uint32Array(KEPT);
  readonly #lo = new Uint32Array(KEPT);

  get byteLength(): number {
    return this.#places.size * NAME_BYTES + 8 * KEPT;
  }

  /** As {@link hashName}. */
  hash(text: string, into: NameHash): void {
    const known = this.#places.get(text);
    if (known !== undefined) {
      into.hi = this.#hi[known] ?? 0;
      into.lo = this.#lo[known] ?? 0;
      return;
    }
    hashName(text, into);
    if (this.#places.size === KEPT) this.#places.clear();
    const place = this.#places.size;
    this.#hi[place] = into.hi;
    this.#lo[place] = into.lo;
    this.#places.set(text, place);
  }
}
