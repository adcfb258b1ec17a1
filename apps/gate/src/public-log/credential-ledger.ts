import type { CredentialReach, ProvenCredential } from "@menshen/evidence";

/** One thing that the log says of a credential, as this gate accepted it. */
export interface Acceptance {
  readonly reach: CredentialReach;
  readonly index: number;
  /** Enough witnesses saw it. */
  readonly witnessed: boolean;
  /** Unix milliseconds that had certainly passed when this gate first saw it. */
  readonly sinceMs: number;
}

/** What a gate keeps of one credential, whatever becomes of the log. */
export interface Mark {
  /** 16 bytes, hexadecimal. */
  readonly key: string;
  readonly acceptances: readonly Acceptance[];
  /** Numbers of homes that were proven for it, as `TAG NUMBER`; also of acceptances that ended. */
  readonly numbers: readonly string[];
  /** Size of the tree known when it was last taken away: older leaves prove nothing of it any more. */
  readonly floor: number;
}

/** What a gate took from a proof. */
export interface Taken {
  /** Marks that changed, to be kept. */
  readonly changed: readonly Mark[];
  /** A home's number was proven for two credentials: the second is not accepted. */
  readonly numberTwice: boolean;
}

/** Without witnesses a credential works this long. */
export const UNWITNESSED_MS = 72 * 3_600_000;

/** The credentials that this gate knows to be in the log, in memory. */
export interface CredentialLedger {
  /**
   * Whether the log lets a credential through an access point, with `home` as one of a home that has this door; what it
   * needed was looked at when it was proven.
   */
  readonly opens: (key: string, accessPointId: string, nowMs: number, as?: "home") => boolean;
  /** Whether nothing more is to be asked: all these access points are covered, and witnesses saw it. */
  readonly isSettled: (key: string, accessPointIds: readonly string[]) => boolean;
  readonly floorOf: (key: string) => number;
  readonly take: (proven: readonly ProvenCredential[], witnessed: boolean, nowMs: number) => Taken;
  /**
   * What a telephone brought of itself, under a tree that witnesses saw: whether it lets the credential pass at an access
   * point. Nothing of it is accepted for another time but its number, which is no other credential's from then on.
   */
  readonly bring: (
    proven: readonly ProvenCredential[],
    key: string,
    accessPointId: string,
  ) => Taken & { readonly opens: boolean };
  /**
   * Credentials that are not active in the snapshot any more: what is proven of them ends, and what comes back needs a
   * newer leaf, which its home sees.
   *
   * @returns marks that changed
   */
  readonly leave: (isThere: (key: string) => boolean, treeSize: number) => readonly Mark[];
  /** Whether a credential in use stands in no tree that witnesses saw. */
  readonly hasUnwitnessed: () => boolean;
}

export function makeCredentialLedger(kept: readonly Mark[]): CredentialLedger {
  const marks = new Map(kept.map((mark) => [mark.key, mark]));
  /** Who has which number of which home. */
  const numbers = new Map<string, string>();
  for (const { key, numbers: own } of kept) for (const number of own) numbers.set(number, key);

  function isAccepted(proven: ProvenCredential): boolean {
    return proven.index >= (marks.get(proven.credentialKey)?.floor ?? 0);
  }

  return {
    opens: (key, accessPointId, nowMs, as) =>
      marks
        .get(key)
        ?.acceptances.some(
          ({ reach, witnessed, sinceMs }) =>
            covers(reach, accessPointId) &&
            (as === undefined || reach.kind === as) &&
            (witnessed || nowMs - sinceMs < UNWITNESSED_MS),
        ) === true,

    isSettled(key, accessPointIds) {
      const witnessed = marks.get(key)?.acceptances.filter((acceptance) => acceptance.witnessed) ?? [];
      return accessPointIds.every((id) => witnessed.some(({ reach }) => covers(reach, id)));
    },

    floorOf: (key) => marks.get(key)?.floor ?? 0,

    take(proven, witnessed, nowMs) {
      const changed = new Map<string, Mark>();
      let numberTwice = false;
      for (const one of proven) {
        if (!isAccepted(one)) continue;
        const { credentialKey: key, reach, index } = one;
        if (reach.kind === "home") {
          const holder = numbers.get(numberOf(reach));
          if (holder !== undefined && holder !== key) {
            numberTwice = true;
            continue;
          }
          numbers.set(numberOf(reach), key);
        }
        const mark = marks.get(key) ?? { key, acceptances: [], numbers: [], floor: 0 };
        const acceptances = accepted(mark.acceptances, { reach, index, witnessed, sinceMs: nowMs });
        if (acceptances === mark.acceptances) continue;
        const number = reach.kind === "home" ? [numberOf(reach)] : [];
        const next = { ...mark, acceptances, numbers: [...new Set([...mark.numbers, ...number])] };
        marks.set(key, next);
        changed.set(key, next);
      }
      return { changed: [...changed.values()], numberTwice };
    },

    bring(proven, key, accessPointId) {
      const changed = new Map<string, Mark>();
      let numberTwice = false;
      let opens = false;
      for (const one of proven) {
        if (one.credentialKey !== key || !isAccepted(one)) continue;
        if (one.reach.kind === "home") {
          const number = numberOf(one.reach);
          const holder = numbers.get(number) ?? key;
          if (holder !== key) {
            numberTwice = true;
            continue;
          }
          const mark = marks.get(key) ?? { key, acceptances: [], numbers: [], floor: 0 };
          if (!mark.numbers.includes(number)) {
            const next = { ...mark, numbers: [...mark.numbers, number] };
            numbers.set(number, key);
            marks.set(key, next);
            changed.set(key, next);
          }
        }
        opens ||= covers(one.reach, accessPointId);
      }
      return { changed: [...changed.values()], numberTwice, opens };
    },

    leave(isThere, treeSize) {
      const gone = [...marks.values()].filter(
        ({ key, acceptances }) => acceptances.length > 0 && !isThere(key),
      );
      return gone.map(({ key, numbers: own }) => {
        const mark = { key, acceptances: [], numbers: own, floor: treeSize };
        marks.set(key, mark);
        return mark;
      });
    },

    hasUnwitnessed: () =>
      [...marks.values()].some(({ acceptances }) => acceptances.some(({ witnessed }) => !witnessed)),
  };
}

function covers(reach: CredentialReach, accessPointId: string): boolean {
  return reach.kind === "everywhere" || reach.accessPointIds.includes(accessPointId);
}

function numberOf({ dwellingTag, number }: Extract<CredentialReach, { kind: "home" }>): string {
  return `${dwellingTag} ${number}`;
}

function placeOf(reach: CredentialReach): string {
  return reach.kind === "home" ? reach.dwellingTag : "everywhere";
}

/** What is accepted of a credential after one more proof; the same list if it says nothing new. */
function accepted(before: readonly Acceptance[], next: Acceptance): readonly Acceptance[] {
  const here = before.filter(({ reach }) => placeOf(reach) === placeOf(next.reach));
  const elsewhere = before.filter(({ reach }) => placeOf(reach) !== placeOf(next.reach));
  const [witnessed, waiting] = [true, false].map((seen) => here.find((one) => one.witnessed === seen));
  // What witnesses saw takes the place of all that waited for them, and only what witnesses saw takes its place.
  if (next.witnessed) return isSame(witnessed, next) && !waiting ? before : [...elsewhere, next];
  if (isSame(waiting, next)) return before;
  // The time runs from the first sight, however often it is shown again.
  const since = { ...next, sinceMs: waiting?.sinceMs ?? next.sinceMs };
  return [...elsewhere, ...(witnessed === undefined ? [] : [witnessed]), since];
}

function isSame(one: Acceptance | undefined, other: Acceptance): boolean {
  if (one === undefined || one.index !== other.index || one.reach.kind !== other.reach.kind) return false;
  if (one.reach.kind === "everywhere" || other.reach.kind === "everywhere") return true;
  return one.reach.accessPointIds.join() === other.reach.accessPointIds.join();
}
