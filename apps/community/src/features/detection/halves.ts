import { type StoredTap, tapName } from "./cases.store.ts";

export type Half = "first" | "second";

/**
 * Tells apart whose taps are whose where two chips share one number. By how the chips answer; else by their counters, of
 * which one's run stays ahead; else only the two taps that nobody can have made alone. Pure.
 *
 * @param taps newest first
 * @param conflicts places and numbers of taps that did not fit the tap before
 */
export function halvesOf(
  taps: readonly StoredTap[],
  conflicts: ReadonlySet<string>,
): ReadonlyMap<StoredTap, Half> {
  const inOrder = taps.toSorted((one, other) => one.at - other.at || one.sequence - other.sequence);
  return byFingerprint(inOrder) ?? byCounter(inOrder) ?? byConflict(inOrder, conflicts);
}

function byFingerprint(taps: readonly StoredTap[]): Map<StoredTap, Half> | undefined {
  const known = taps.filter(({ fingerprint }) => fingerprint !== undefined);
  const [first] = known;
  if (first === undefined || known.every(({ fingerprint }) => fingerprint === first.fingerprint))
    return undefined;
  return new Map(
    known.map((tap) => [tap, tap.fingerprint === first.fingerprint ? "first" : "second"] as const),
  );
}

/** The longest rising run is one card's; what does not fit in is the other's. */
function byCounter(taps: readonly StoredTap[]): Map<StoredTap, Half> | undefined {
  const known = taps.flatMap((tap) => (tap.counter === undefined ? [] : [{ tap, counter: tap.counter }]));
  if (known.length < 2) return undefined;
  const lengths: number[] = [];
  const before: number[] = [];
  for (const [index, { counter }] of known.entries()) {
    let best = -1;
    for (let other = 0; other < index; other += 1) {
      const isBelow = (known[other]?.counter ?? 0) < counter;
      if (isBelow && (best < 0 || (lengths[other] ?? 0) > (lengths[best] ?? 0))) best = other;
    }
    lengths.push(best < 0 ? 1 : (lengths[best] ?? 0) + 1);
    before.push(best);
  }
  // Of runs of one length the last: it goes on, and the other broke off.
  let last = lengths.lastIndexOf(Math.max(...lengths));
  const run = new Set<number>();
  while (last >= 0) {
    run.add(last);
    last = before[last] ?? -1;
  }
  if (run.size === known.length) return undefined;
  return new Map(known.map(({ tap }, index) => [tap, run.has(index) ? "first" : "second"] as const));
}

function byConflict(taps: readonly StoredTap[], conflicts: ReadonlySet<string>): Map<StoredTap, Half> {
  const halves = new Map<StoredTap, Half>();
  for (const [index, tap] of taps.entries()) {
    const previous = taps[index - 1];
    if (previous === undefined || !conflicts.has(tapName(tap))) continue;
    const half: Half = halves.get(previous) === "second" ? "first" : "second";
    if (!halves.has(previous)) halves.set(previous, half === "second" ? "first" : "second");
    halves.set(tap, half);
  }
  return halves;
}
