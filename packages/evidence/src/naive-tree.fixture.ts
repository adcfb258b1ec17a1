import { createHash } from "node:crypto";

// RFC 6962 §2.1 word for word, over whole lists and with its own hashing: slow, and nothing shared with what is tested.

const hash = (...parts: readonly Uint8Array[]) =>
  new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());

const split = (n: number) => {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
};

/** Leaf hashes of the entries `0` to before `count`, in decimal. */
export function naiveLeaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => naiveLeaf(Buffer.from(String(i))));
}

/** Hash of an entry. */
export function naiveLeaf(entry: Uint8Array): Uint8Array {
  return hash(Uint8Array.of(0), entry);
}

/** MTH(D[n]) from leaf hashes. */
export function naiveRoot(d: readonly Uint8Array[]): Uint8Array {
  const [only] = d;
  if (only === undefined) return hash();
  if (d.length === 1) return only;
  const k = split(d.length);
  return hash(Uint8Array.of(1), naiveRoot(d.slice(0, k)), naiveRoot(d.slice(k)));
}

/** PATH(m, D[n]). */
export function naiveInclusion(m: number, d: readonly Uint8Array[]): Uint8Array[] {
  if (d.length === 1) return [];
  const k = split(d.length);
  return m < k
    ? [...naiveInclusion(m, d.slice(0, k)), naiveRoot(d.slice(k))]
    : [...naiveInclusion(m - k, d.slice(k)), naiveRoot(d.slice(0, k))];
}

/** PROOF(m, D[n]). */
export function naiveConsistency(m: number, d: readonly Uint8Array[]): Uint8Array[] {
  return subproof(m, d, true);
}

function subproof(m: number, d: readonly Uint8Array[], complete: boolean): Uint8Array[] {
  if (m === d.length) return complete ? [] : [naiveRoot(d)];
  const k = split(d.length);
  return m <= k
    ? [...subproof(m, d.slice(0, k), complete), naiveRoot(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), naiveRoot(d.slice(0, k))];
}
