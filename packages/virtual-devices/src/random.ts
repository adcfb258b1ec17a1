/** A source of chance that repeats itself for the same seed. Not for keys. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** Whole number, 0 ≤ n < `below`. */
  integer(below: number): number;
  chance(probability: number): boolean;
  /** One element; throws `RangeError` on an empty list. */
  pick<T>(list: readonly T[]): T;
  /** Bell-shaped around `mean`, never further than three deviations away. */
  around(mean: number, deviation: number): number;
  bytes(length: number): Uint8Array;
  /** An independent source whose numbers depend on this one's seed and `name` only. */
  branch(name: string): Random;
}

/**
 * Generator of the "small fast counting" family (sfc32, C. Doty-Humphrey's PractRand), seeded by FNV-1a over the
 * text, so that a seed may be a name or a number typed by a person.
 */
export function seededRandom(seed: string): Random {
  let [a, b, c] = [fnv1a(`${seed}/a`), fnv1a(`${seed}/b`), fnv1a(`${seed}/c`)];
  let counter = 1;
  const step = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) step();
  const next = () => step() / 2 ** 32;
  const integer = (below: number) => Math.floor(next() * below);
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick(list) {
      const chosen = list[integer(list.length)];
      if (chosen === undefined) throw new RangeError("cannot pick from an empty list");
      return chosen;
    },
    around(mean, deviation) {
      // Irwin–Hall: the sum of twelve uniform numbers has variance 1.
      let sum = -6;
      for (let index = 0; index < 12; index++) sum += next();
      return mean + deviation * Math.max(-3, Math.min(3, sum));
    },
    bytes: (length) => Uint8Array.from({ length }, () => step() & 0xff),
    branch: (name) => seededRandom(`${seed}/${name}`),
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}
